"""Self-supervised sentence encoder, Barlow-Twins style, then a frozen linear probe with fewer labels.

Two random halves of the words of one sentence are two views of it. No label is used for pretraining; the word vectors stay as
published. The probe sees 250
labelled sentences per domain (film reviews / financial news / picture captions / product reviews / tweets).
"""
import gzip
import os
import re
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

R = Path(os.environ["WORDFIT_DATA"])
rng = np.random.default_rng(77)
torch.manual_seed(77)


def first(path, n, enc="utf-8"):
    return path.read_text(encoding=enc, errors="replace").split("\n")[:n]


N = 1300
domains = {
    "film": first(R / "sentiment/MR/rt-polarity.pos", N),
    "finance": [l.rsplit("@", 1)[0] for l in first(R / "sentiment/financial-phrasebank/Sentences_50Agree.txt", N)],
    "captions": gzip.open(R / "seq2seq/multi30k/train.en.gz", "rt", encoding="utf-8").read().split("\n")[:N],
    "products": first(R / "sentiment/CR/custrev.pos", N),
    "tweets": first(R / "sentiment/tweeteval/emotion/train_text.txt", N),
}
sents, dom = [], []
for k, (name, lines) in enumerate(domains.items()):
    for line in dict.fromkeys(lines):
        words = re.findall(r"[a-z]+", line.lower())
        if len(words) >= 6:
            sents.append(words)
            dom.append(k)
dom = np.array(dom)
order = rng.permutation(len(sents))
cut = int(0.8 * len(order))
pre, held = order[:cut], order[cut:]

vocab, rows50 = {}, []
with gzip.open(R / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.split()
        if w.isalpha():
            vocab[w] = len(rows50)
            rows50.append(np.array(v, dtype=np.float32))
ids = [np.array([vocab[w] for w in s if w in vocab]) for s in sents]
pre = np.array([i for i in pre if len(ids[i]) >= 4])
held = np.array([i for i in held if len(ids[i]) >= 4])


def bags(rows):
    lens = np.array([0] + [len(r) for r in rows[:-1]]).cumsum()
    return torch.from_numpy(np.concatenate(rows)), torch.from_numpy(lens)


table = torch.nn.EmbeddingBag.from_pretrained(torch.from_numpy(np.stack(rows50)), freeze=True, mode="mean")
encoder = torch.nn.Sequential(torch.nn.Linear(50, 64), torch.nn.BatchNorm1d(64), torch.nn.ReLU())
projector = torch.nn.Linear(64, 48)
params = [*encoder.parameters(), *projector.parameters()]
opt = torch.optim.Adam(params, lr=3e-3)
EPOCHS, B = 5, 256
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)


def standard(z):
    return (z - z.mean(0)) / (z.std(0) + 1e-4)


def barlow(za, zb, lam=0.02):
    c = standard(za).T @ standard(zb) / len(za)
    eye = torch.eye(c.size(0))
    return ((c - 1) ** 2 * eye).sum() + lam * (c ** 2 * (1 - eye)).sum()


def represent(rows):
    encoder.eval()
    with torch.no_grad():
        h = encoder(table(*bags([ids[i] for i in rows])))
    encoder.train()
    return h.numpy()


def probe():
    few = np.concatenate([pre[dom[pre] == k][:250] for k in range(len(domains))])
    clf = LogisticRegression(C=0.3, max_iter=300).fit(represent(few), dom[few])
    return clf.score(represent(few), dom[few]), clf.score(represent(held), dom[held])


print(f"{len(pre)} sentences, {len(held)} held out, chance {np.bincount(dom[held]).max() / len(held):.2f}")
print("probe on the untrained encoder: %.3f / %.3f" % probe())
for epoch in range(EPOCHS):
    losses = []
    perm = rng.permutation(pre)
    for at in range(0, len(perm) - B + 1, B):
        a, b = [], []
        for i in perm[at:at + B]:
            shuffled = rng.permutation(ids[i])
            half = len(shuffled) // 2
            a.append(shuffled[:half])
            b.append(shuffled[half:])
        loss = barlow(projector(encoder(table(*bags(a)))), projector(encoder(table(*bags(b)))))
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    sched.step()
    print(f"epoch {epoch}: redundancy loss {np.mean(losses):.3f}")
print("probe on the pretrained encoder: %.3f / %.3f" % probe())
