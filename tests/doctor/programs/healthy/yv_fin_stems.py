"""Financial PhraseBank: is anything judged at all (positive or negative) or is the sentence neutral?
Both the words of the text and the words of the vector file are stemmed; a stem gets the mean of the vectors of its
words. Stems seen fewer than three times in training fall into one of four OOV buckets (by kind)."""
import gzip
import os
import re
from collections import Counter, defaultdict

import numpy as np
import torch
from sklearn.model_selection import train_test_split

torch.manual_seed(13)
DATA = os.environ["WORDFIT_DATA"]
SUFFIXES = ("ations", "ation", "ings", "ing", "edly", "ed", "ies", "es", "s", "ly", "ment", "er", "al")


def stem(w):
    for suf in SUFFIXES:
        if w.endswith(suf) and len(w) - len(suf) >= 4:
            w = w[: -len(suf)]
            break
    return w[:-1] if w.endswith(("e", "y")) and len(w) > 4 else w


def bucket(w):
    if w[0].isdigit():
        return "#num"
    return "#short" if len(w) < 4 else "#cap" if w[0].isupper() else "#word"


def tokens(s):
    for w in re.findall(r"[A-Za-z]+|\d[\d.,]*|[%$]", s):
        yield "#num" if w[0].isdigit() else (w, stem(w.lower()))


with open(f"{DATA}/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf-8") as fh:
    pairs = dict(l.rstrip().rsplit("@", 1) for l in fh if "@" in l)
texts, labels = list(pairs), [int(v != "neutral") for v in pairs.values()]
tr_t, de_t, tr_y, de_y = train_test_split(texts, labels, test_size=800, random_state=0, stratify=labels)

counts = Counter(t[1] for s in tr_t for t in tokens(s) if t != "#num")
vocab = {s: i for i, s in enumerate(["#num", "#short", "#cap", "#word"] + sorted(s for s, c in counts.items() if c >= 3))}

acc = defaultdict(list)
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for line in fh:
        w, rest = line.split(" ", 1)
        if (s := stem(w)) in vocab:
            acc[s].append(np.fromstring(rest, sep=" ", dtype=np.float32))
rng = np.random.default_rng(0)
everything = np.concatenate(list(acc.values()))
weight = rng.normal(0, everything.std() * .5, (len(vocab), 50)).astype(np.float32)
for s, vs in acc.items():
    weight[vocab[s]] = np.mean(vs, 0)
print(f"{len(vocab)} stems, {len(acc)} with vectors from {len(everything)} words")


def encode(s):
    return [vocab["#num"] if t == "#num" else vocab.get(t[1], vocab[bucket(t[0])]) for t in tokens(s)] or [vocab["#word"]]


def flat(batch):
    ids, offs = [], []
    for s in batch:
        offs.append(len(ids))
        ids += s
    return torch.tensor(ids), torch.tensor(offs)


tr_t, de_t = [encode(s) for s in tr_t], [encode(s) for s in de_t]


bag = torch.nn.EmbeddingBag.from_pretrained(torch.from_numpy(weight), freeze=False, mode="mean")
drop, head = torch.nn.Dropout(.3), torch.nn.Linear(50, 1)
prior = float(np.mean(tr_y))
head.bias.data.fill_(float(np.log(prior / (1 - prior))))
opt = torch.optim.Adam([{"params": bag.parameters(), "lr": 3e-3}, {"params": head.parameters(), "lr": 1e-2}])
y = torch.tensor(tr_y).float()
yd = torch.tensor(de_y)
print(f"majority {max(yd.float().mean(), 1 - yd.float().mean()):.3f}")
EPOCHS = 5
half = torch.optim.lr_scheduler.LambdaLR(opt, lambda e: 1 - e / EPOCHS)


def accuracy(ts, t):
    drop.eval()
    with torch.no_grad():
        return ((head(bag(*flat(ts))).squeeze(1) > 0).long() == t).float().mean().item()


for epoch in range(EPOCHS):
    drop.train()
    run = 0.
    for idx in torch.randperm(len(y)).split(64):
        z = head(drop(bag(*flat([tr_t[i] for i in idx.tolist()])))).squeeze(1)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() * len(idx)
    half.step()
    print(f"[{epoch}] loss {run / len(y):.4f}  train {accuracy(tr_t, y.long()):.3f}  dev {accuracy(de_t, yd):.3f}")
