# SICK relatedness: averaged frozen GloVe, |u-v|, u*v and the cosine, regression to the gold score; Pearson/Spearman
import gzip, os, csv, re
import numpy as np
import torch
from torch import nn
from scipy.stats import pearsonr, spearmanr

torch.manual_seed(2)
root = os.environ["WORDFIT_DATA"]


def read(name):
    with open(f"{root}/glue/SICK/{name}", encoding="utf-8") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(re.findall(r"[a-z]+", r["sentence_A"].lower()), re.findall(r"[a-z]+", r["sentence_B"].lower()),
             float(r["relatedness_score"])) for r in rows]


train, dev = read("SICK_train.txt"), read("SICK_trial.txt")
words = {w for a, b, _ in train + dev for w in a + b}
vocab, vecs = {}, []
with gzip.open(f"{root}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w = line[: line.index(" ")]
        if w in words:
            vocab[w] = len(vocab)
            vecs.append(np.fromstring(line[len(w) + 1:], sep=" ", dtype=np.float32))
E = torch.tensor(np.array(vecs))
# words that GloVe lacks: a hashed random direction of the usual length, the same in both sentences
g = torch.Generator().manual_seed(0)
missing = sorted(words - set(vocab))
for w in missing:
    vocab[w] = len(vocab)
E = torch.cat([E, torch.randn(len(missing), E.size(1), generator=g) * E.std()])
print("words", len(vocab), "without vector", len(missing))

bag = nn.EmbeddingBag.from_pretrained(E, mode="mean", freeze=True)


def features(sents):
    flat = torch.tensor([vocab[w] for s in sents for w in s])
    off = torch.tensor(np.cumsum([0] + [len(s) for s in sents])[:-1])
    return bag(flat, off)


def tensors(rows):
    u, v = features([a for a, _, _ in rows]), features([b for _, b, _ in rows])
    return torch.cat([(u - v).abs(), u * v, torch.cosine_similarity(u, v).unsqueeze(1)], 1), torch.tensor([s for _, _, s in rows])


Xtr, ytr = tensors(train)
Xdv, ydv = tensors(dev)
mu, sd = Xtr.mean(0), Xtr.std(0)
Xtr, Xdv = (Xtr - mu) / sd, (Xdv - mu) / sd
ym, ys = ytr.mean(), ytr.std()

model = nn.Sequential(nn.Dropout(0.1), nn.Linear(101, 48), nn.Tanh(), nn.Dropout(0.2), nn.Linear(48, 1))
opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=21)
loss_fn = nn.SmoothL1Loss()


def report(X, y):
    model.eval()
    with torch.no_grad():
        p = model(X).squeeze(1) * ys + ym
    return pearsonr(p, y)[0], spearmanr(p, y)[0], ((p - y) ** 2).mean().item()


for epoch in range(21):
    model.train()
    for idx in torch.randperm(len(Xtr)).split(64):
        opt.zero_grad()
        loss = loss_fn(model(Xtr[idx]).squeeze(1), (ytr[idx] - ym) / ys)
        loss.backward()
        opt.step()
    sched.step()
    if epoch % 4 == 0:
        print(f"epoch {epoch:2d}  train r {report(Xtr, ytr)[0]:.3f}  dev r {report(Xdv, ydv)[0]:.3f}")
r, rho, mse = report(Xdv, ydv)
print(f"trial set: Pearson {r:.3f} Spearman {rho:.3f} MSE {mse:.3f} (variance {ydv.var():.3f})")
