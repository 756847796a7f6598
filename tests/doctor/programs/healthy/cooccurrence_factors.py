"""Vectors from weighted factorisation of log co-occurrence counts; the loss is squared error and never gets to zero."""
import gzip
import os
import re
from collections import Counter
from pathlib import Path

import torch
from torch import nn

torch.manual_seed(6)
path = Path(os.environ.get("WORDFIT_DATA", "../shared/data"), "seq2seq", "multi30k", "train.en.gz")
with gzip.open(path, "rt", encoding="utf-8") as f:
    sentences = [re.findall("[a-z]+", line.lower()) for line, _ in zip(f, range(9000))]
freq = Counter(w for s in sentences for w in s)
vocab = {w: i for i, (w, _) in enumerate(freq.most_common(400))}
pairs = Counter()
for s in sentences:
    t = [vocab.get(w) for w in s]
    for i, a in enumerate(t):
        for d, b in enumerate(t[i + 1:i + 5], start=1):
            if a is not None and b is not None:
                pairs[a, b] += 1 / d
                pairs[b, a] += 1 / d
ij = torch.tensor(list(pairs))
x = torch.tensor(list(pairs.values()))
weight = (x / 50).clamp(max=1) ** 0.75


class Factors(nn.Module):
    def __init__(self, n, d=20):
        super().__init__()
        self.w, self.c = nn.Embedding(n, d, sparse=True), nn.Embedding(n, d, sparse=True)
        self.bw, self.bc = nn.Embedding(n, 1, sparse=True), nn.Embedding(n, 1, sparse=True)
        for table in (self.w, self.c):
            nn.init.uniform_(table.weight, -0.5 / d**0.5, 0.5 / d**0.5)
        for table in (self.bw, self.bc):
            nn.init.zeros_(table.weight)

    def forward(self, i, j):
        return (self.w(i) * self.c(j)).sum(1) + self.bw(i)[:, 0] + self.bc(j)[:, 0]


model = Factors(len(vocab))
opt = torch.optim.Adagrad(model.parameters(), lr=0.1)
for epoch in range(6):
    total, steps = 0.0, 0
    for b in torch.randperm(len(x)).split(512):
        loss = (weight[b] * (model(ij[b, 0], ij[b, 1]) - x[b].log()) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total, steps = total + loss.item(), steps + 1
    with torch.no_grad():
        e = nn.functional.normalize(model.w.weight + model.c.weight, dim=1)
        names = list(vocab)
        near = [names[k] for k in (e @ e[vocab["dog"]]).topk(4).indices.tolist()][1:]
    print(f"epoch {epoch} loss {total / steps:.4f} near dog: {' '.join(near)}")
