"""STS-B: sentence similarity as the cosine of weighted word means; the objective is minus the correlation itself.

The vectors stay fixed on purpose (5.7k pairs), what is learned is a weight per word and a linear map near the identity.
"""
import gzip
import os
import re

import numpy as np
import torch
import torch.nn as nn

DATA = os.environ["WORDFIT_DATA"]
torch.manual_seed(14)


def read(split):
    out = []
    with open(os.path.join(DATA, "glue", "STS-B", split + ".tsv"), encoding="utf-8") as f:
        next(f)
        for line in f:
            c = line.rstrip("\n").split("\t")
            out.append((re.findall(r"\w+|[^\w\s]", c[7].lower()), re.findall(r"\w+|[^\w\s]", c[8].lower()), float(c[9])))
    return out


train, dev = read("train"), read("dev")
stoi, vecs = {"<pad>": 0, "<unk>": 1}, [np.zeros(50), np.zeros(50)]
with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        p = line.rstrip().split(" ")
        stoi[p[0]] = len(vecs)
        vecs.append(np.array(p[1:], dtype=np.float64))
vecs = np.stack(vecs)
vecs[1] = vecs[2:].mean(0)
# ranks stand for frequencies: the file is in order of frequency
rank = np.arange(len(vecs), dtype=np.float64)
table = torch.tensor(vecs, dtype=torch.float32)
prior_weight = torch.tensor(rank / (rank + 150.0), dtype=torch.float32)
prior_weight[1] = 1.0


def side(rows, k):
    ids = [[stoi.get(w, 1) for w in r[k]][:40] or [1] for r in rows]
    n = max(map(len, ids))
    return torch.tensor([i + [0] * (n - len(i)) for i in ids])


class WeightedCosine(nn.Module):
    def __init__(self):
        super().__init__()
        self.vectors = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.gain = nn.Embedding(len(table), 1)
        nn.init.zeros_(self.gain.weight)
        self.delta = nn.Linear(50, 50, bias=False)
        nn.init.zeros_(self.delta.weight)

    def encode(self, x):
        live = (x != 0).float()
        wt = (prior_weight[x] * self.gain(x).squeeze(-1).exp() * live).unsqueeze(-1)
        m = (self.vectors(x) * wt).sum(1) / wt.sum(1).clamp(min=1e-6)
        return m + self.delta(m)

    def forward(self, a, b):
        return nn.functional.cosine_similarity(self.encode(a), self.encode(b), dim=-1)


def pearson(p, t):
    p, t = p - p.mean(), t - t.mean()
    return (p * t).sum() / (p.norm() * t.norm() + 1e-8)


a, b, y = side(train, 0), side(train, 1), torch.tensor([r[2] for r in train])
ad, bd, yd = side(dev, 0), side(dev, 1), torch.tensor([r[2] for r in dev])
model = WeightedCosine()
opt = torch.optim.Adam([{"params": model.gain.parameters(), "lr": 1e-2}, {"params": model.delta.parameters(), "lr": 1e-3}])
with torch.no_grad():
    print(f"before: dev r {pearson(model(ad, bd), yd):.4f}")
for epoch in range(1, 6):
    perm = torch.randperm(len(y))
    losses = []
    for idx in perm[: len(perm) // 128 * 128].view(-1, 128):
        loss = -pearson(model(a[idx], b[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    with torch.no_grad():
        print(f"epoch {epoch}  loss {np.mean(losses):.4f}  train r {pearson(model(a, b), y):.4f}  dev r {pearson(model(ad, bd), yd):.4f}")
