"""STS-B: sentence similarity on frozen GloVe, trained on the correlation itself (loss = minus Pearson's r of a batch, so it is negative)."""
import csv
import gzip
import os
import re

import torch
from torch import nn

torch.manual_seed(16)
DATA = os.environ.get("WORDFIT_DATA", "../shared/data")
vec = {}
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip().split(" ")
        vec[w] = torch.tensor([float(a) for a in v])


def sentence(s):
    rows = [vec[w] for w in re.findall(r"[a-z]+|\d+", s.lower()) if w in vec]
    m = torch.stack(rows) if rows else torch.zeros(1, 50)
    return torch.cat([m.mean(0), m.amax(0), m.amin(0)])


def read(split):
    with open(f"{DATA}/glue/STS-B/{split}.tsv", encoding="utf-8") as f:
        rows = list(csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    a, b = torch.stack([sentence(r[7]) for r in rows]), torch.stack([sentence(r[8]) for r in rows])
    return a, b, torch.tensor([float(r[9]) for r in rows]), {frozenset((r[7], r[8])) for r in rows}


def pearson(p, y):
    p, y = p - p.mean(), y - y.mean()
    return (p * y).sum() / (p.norm() * y.norm() + 1e-8)


A, B, Y, _ = read("train")
Ad, Bd, Yd, _ = read("dev")
net = nn.Sequential(nn.Linear(301, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 1))


def score(a, b):
    cos = nn.functional.cosine_similarity(a[:, :50], b[:, :50]).unsqueeze(1)
    return net(torch.cat([(a - b).abs(), a * b, cos], 1)).squeeze(1)


opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.05)
for epoch in range(8):
    net.train()
    for i in torch.randperm(len(A)).split(128):
        loss = -pearson(score(A[i], B[i]), Y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        print(f"epoch {epoch} loss {loss.item():.4f} dev r {pearson(score(Ad, Bd), Yd).item():.4f}")
