"""Film reviews, two targets from one shared layer: polarity (logistic) and star rating (Huber).

Parameters are plain tensors, the update (Nesterov momentum) is written out. Word vectors: GloVe 50d, averaged once.
"""
import gzip
import os
import re
from itertools import islice

import numpy as np
import torch
import torch.nn.functional as F

base = os.environ["WORDFIT_DATA"]
gen = torch.Generator().manual_seed(42)

glove = {}
with gzip.open(base + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        if w.isalpha():
            glove[w] = rest
ids = {w: i for i, w in enumerate(glove)}
table = np.loadtxt(glove.values(), dtype=np.float32)
word = re.compile(r"[a-z]+")


def reviews(split, step):
    X, pol, stars = [], [], []
    with gzip.open(f"{base}/sentiment/imdb/{split}.tsv.gz", "rt", encoding="utf-8") as f:
        header = next(f).rstrip("\n").split("\t")
        c = {k: header.index(k) for k in ("label", "rating", "text")}
        for line in islice(f, 0, None, step):
            col = line.rstrip("\n").split("\t")
            known = [ids[w] for w in word.findall(col[c["text"]].lower().replace("<br />", " ")[:1500]) if w in ids]
            e = table[known]
            X.append(np.concatenate([e.mean(0), e.std(0)]))
            stars.append(float(col[c["rating"]]))
            pol.append(stars[-1] > 5)
    return (torch.from_numpy(np.stack(X)), torch.tensor(pol, dtype=torch.float32), torch.tensor(stars))


Xa, pa, sa = reviews("train", 8)
Xb, pb, sb = reviews("test", 20)
m, s = Xa.mean(0), Xa.std(0)
Xa, Xb = (Xa - m) / s, (Xb - m) / s
print(len(Xa), "train,", len(Xb), "test; positive", pa.mean().item(), pb.mean().item())


def glorot(i, o):
    return (torch.rand(i, o, generator=gen) * 2 - 1) * (6 / (i + o)) ** 0.5


P = {"W": glorot(100, 24), "b": torch.zeros(24), "vp": glorot(24, 1), "cp": torch.zeros(1), "vs": glorot(24, 1),
     "cs": torch.zeros(1)}
for t in P.values():
    t.requires_grad_(True)
buf = {k: torch.zeros_like(t) for k, t in P.items()}


def forward(X):
    h = torch.tanh(X @ P["W"] + P["b"])
    return (h @ P["vp"] + P["cp"])[:, 0], (h @ P["vs"] + P["cs"])[:, 0]


lr, mom, decay = 0.02, 0.9, 2e-3
for epoch in range(6):
    total = 0.0
    for j in torch.randperm(len(Xa), generator=gen).split(50):
        logit, star = forward(Xa[j])
        loss = F.binary_cross_entropy_with_logits(logit, pa[j]) + 0.5 * F.huber_loss(star, (sa[j] - 5.5) / 3.5)
        grads = torch.autograd.grad(loss, list(P.values()))
        with torch.no_grad():
            for (k, t), g in zip(P.items(), grads):
                g = g + decay * t
                buf[k].mul_(mom).add_(g)
                t -= lr * (g + mom * buf[k])
        total += loss.item() * len(j)
    lr *= 0.7
    with torch.no_grad():
        za, _ = forward(Xa)
        zb, rb = forward(Xb)
    r = np.corrcoef(rb.numpy(), sb.numpy())[0, 1]
    print("epoch %d  loss %.4f  polarity train %.3f test %.3f  rating r %.3f" % (
        epoch, total / len(Xa), ((za > 0) == (pa > 0)).float().mean(), ((zb > 0) == (pb > 0)).float().mean(), r))
