"""Similarity of two sentences (STS-B) from frozen GloVe averages, a small head and squared error on the score / 5."""
import csv
import gzip
import os
import re

import torch
from torch import nn

torch.manual_seed(56)
DATA = os.environ.get("WORDFIT_DATA", "../shared/data")
table = {}
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip().split(" ")
        table[w] = torch.tensor([float(a) for a in v])


def vector(s):
    found = [table[w] for w in re.findall(r"[a-z]+|\d+", s.lower()) if w in table]
    return torch.stack(found).mean(0) if found else torch.zeros(50)


def load(name):
    with open(f"{DATA}/glue/STS-B/{name}", encoding="utf-8") as f:
        rows = [r for r in csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE)][1:]
    return [(r[7], r[8], float(r[9])) for r in rows if len(r) == 10]


dev_rows = load("dev.tsv")
known = {r[:2] for r in dev_rows}
train_rows = [r for r in load("train.tsv") if r[:2] not in known]


def tensors(rows):
    return torch.stack([vector(a) for a, _, _ in rows]), torch.stack([vector(b) for _, b, _ in rows]), torch.tensor([y / 5 for _, _, y in rows])


A, B, y = tensors(train_rows)
da, db, dy = tensors(dev_rows)
head = nn.Sequential(nn.Linear(100, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 1), nn.Flatten(0))


def features(a, b):
    return torch.cat([(a - b).abs(), a * b], 1)


opt = torch.optim.Adam(head.parameters(), lr=1e-3, weight_decay=1e-4)
for epoch in range(8):
    head.train()
    for i in torch.randperm(len(y)).split(32):
        loss = nn.functional.mse_loss(head(features(A[i], B[i])), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    head.eval()
    with torch.no_grad():
        p = head(features(da, db))
    print(f"epoch {epoch} loss {loss.item():.4f} dev Pearson {torch.corrcoef(torch.stack([p, dy]))[0, 1]:.4f}")
