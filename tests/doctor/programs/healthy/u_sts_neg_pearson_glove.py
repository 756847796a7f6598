"""Sentence similarity on STS-B. Frozen GloVe, a learned weight per word from a few word statistics.
The objective is the correlation itself, so the loss goes below zero and has no target scale."""
import gzip
import os
import re
import numpy as np
import torch
from scipy.stats import pearsonr, spearmanr

ROOT = os.environ["WORDFIT_DATA"]
torch.manual_seed(8)
np.random.seed(8)


def tok(s):
    return re.findall(r"[a-z]+|\d+", s.lower())


def read(split):
    out = []
    with open(f"{ROOT}/glue/STS-B/{split}.tsv", encoding="utf-8") as f:
        next(f)
        for line in f:
            c = line.rstrip("\n").split("\t")
            out.append((tok(c[7]), tok(c[8]), float(c[9])))
    return out


train, dev = read("train"), read("dev")
wanted = {w for a, b, _ in train + dev for w in a + b}
rank, vec = {}, {}
with gzip.open(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for r, line in enumerate(f):
        w, rest = line.split(" ", 1)
        if w in wanted:
            rank[w] = r
            vec[w] = np.array(rest.split(), dtype=np.float32)
words = list(vec)
wid = {w: i for i, w in enumerate(words)}
V = torch.tensor(np.stack([vec[w] for w in words]))
V = V - V.mean(0)
F = torch.tensor([[np.log(rank[w] + 1.0) / 5 - 1.3, len(w) / 5 - 1.0, float(w.isdigit())] for w in words], dtype=torch.float32)


def ids(rows):
    """pairs with at least one known word on each side"""
    a = [[wid[w] for w in r[0] if w in wid] for r in rows]
    b = [[wid[w] for w in r[1] if w in wid] for r in rows]
    keep = [i for i in range(len(rows)) if a[i] and b[i]]
    return [a[i] for i in keep], [b[i] for i in keep], torch.tensor([rows[i][2] for i in keep])


class Weighted(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("vectors", V)
        self.gate = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
        self.axes = torch.nn.Parameter(torch.zeros(V.shape[1]))

    def side(self, lists):
        flat = torch.tensor([i for l in lists for i in l])
        row = torch.repeat_interleave(torch.arange(len(lists)), torch.tensor([len(l) for l in lists]))
        x = self.vectors[flat] * self.gate(F[flat]).exp()
        return torch.zeros(len(lists), V.shape[1]).index_add_(0, row, x) * self.axes.exp()

    def forward(self, a, b):
        return torch.cosine_similarity(self.side(a), self.side(b), dim=1)


def corr(x, y):
    x, y = x - x.mean(), y - y.mean()
    return (x * y).sum() / (x.norm() * y.norm() + 1e-8)


A, B, Y = ids(train)
DA, DB, DY = ids(dev)
m = Weighted()
with torch.no_grad():
    print("before: dev pearson %.3f" % pearsonr(m(DA, DB), DY)[0])
optim = torch.optim.Adam(m.parameters(), lr=1e-2)
for ep in range(5):
    tot, n = 0.0, 0
    for ix in np.array_split(np.random.permutation(len(A)), 45):
        loss = -corr(m([A[i] for i in ix], [B[i] for i in ix]), Y[ix])
        optim.zero_grad()
        loss.backward()
        optim.step()
        tot, n = tot + loss.item(), n + 1
    with torch.no_grad():
        ptr, pdv = m(A, B), m(DA, DB)
    print("epoch %d loss %.4f  train pearson %.3f  dev pearson %.3f spearman %.3f" % (
        ep, tot / n, pearsonr(ptr, Y)[0], pearsonr(pdv, DY)[0], spearmanr(pdv, DY)[0]))
