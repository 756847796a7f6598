"""SICK relatedness as regression with uncertainty: mean and variance from pair features, Gaussian likelihood.
(Scores are scaled to 0..1, so the negative log-likelihood falls below zero.)"""
import csv
import gzip
import os
import re

import numpy as np
import torch
from torch import nn

torch.manual_seed(2)
root = os.environ["WORDFIT_DATA"]


def read(name, limit=None):
    with open(f"{root}/glue/SICK/{name}", encoding="utf-8") as fh:
        rows = list(csv.DictReader(fh, delimiter="\t"))[:limit]
    tok = lambda s: re.findall(r"[a-z]+", s.lower())
    return [(tok(r["sentence_A"]), tok(r["sentence_B"]), float(r["relatedness_score"])) for r in rows]


train, test = read("SICK_train.txt"), read("SICK_test_annotated.txt", 1500)
known = {w for a, b, _ in train + test for w in a + b}
vec = {}
with gzip.open(f"{root}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for line in fh:
        w, rest = line.split(" ", 1)
        if w in known:
            vec[w] = np.array(rest.split(), dtype=np.float32)
df = {}
for a, b, _ in train:
    for w in set(a) | set(b):
        df[w] = df.get(w, 0) + 1
idf = {w: np.log(len(train) / (1 + df.get(w, 0))) for w in known}


def embed(words):
    hits = [w for w in words if w in vec]
    if not hits:
        return np.zeros(50, dtype=np.float32)
    weights = np.array([idf[w] for w in hits], dtype=np.float32) + 1e-3
    return (weights[:, None] * np.stack([vec[w] for w in hits])).sum(0) / weights.sum()


def features(rows):
    out = []
    for a, b, _ in rows:
        u, v = embed(a), embed(b)
        sa, sb = set(a), set(b)
        w = lambda s: sum(idf[x] for x in s)
        lap = [w(sa & sb) / (w(sa | sb) + 1e-6), len(sa & sb) / len(sa | sb), abs(len(a) - len(b)) / 10,
               float(u @ v / (np.linalg.norm(u) * np.linalg.norm(v) + 1e-6)),
               float(("no" in sa or "not" in sa) != ("no" in sb or "not" in sb))]
        out.append(np.concatenate([np.abs(u - v), lap]))
    return torch.tensor(np.stack(out), dtype=torch.float32)


Xtr, Xte = features(train), features(test)
m, s = Xtr.mean(0), Xtr.std(0)
Xtr, Xte = (Xtr - m) / s, (Xte - m) / s
ytr, yte = (torch.tensor([(r[2] - 1) / 4 for r in rows]) for rows in (train, test))

trunk = nn.Sequential(nn.Linear(Xtr.shape[1], 16), nn.ReLU(), nn.Dropout(0.2))
head_mu, head_var = nn.Linear(16, 1), nn.Linear(16, 1)
with torch.no_grad():
    head_mu.bias.fill_(ytr.mean().item())
params = [*trunk.parameters(), *head_mu.parameters(), *head_var.parameters()]
opt = torch.optim.AdamW(params, lr=3e-3, weight_decay=0.1)
nll = nn.GaussianNLLLoss()


def predict(x):
    h = trunk(x)
    return head_mu(h).squeeze(-1), nn.functional.softplus(head_var(h)).squeeze(-1) + 1e-3


for epoch in range(7):
    trunk.train()
    acc = 0.0
    for idx in torch.randperm(len(Xtr)).split(64):
        mu, var = predict(Xtr[idx])
        loss = nll(mu, ytr[idx], var)
        opt.zero_grad()
        loss.backward()
        opt.step()
        acc += loss.item() * len(idx)
    trunk.eval()
    with torch.no_grad():
        p, q = predict(Xte)[0].numpy(), predict(Xtr)[0].numpy()
    print(f"{epoch}: nll {acc / len(Xtr):+.4f}  train r {np.corrcoef(q, ytr)[0, 1]:.3f}  "
          f"test r {np.corrcoef(p, yte)[0, 1]:.3f}  test mse {np.mean((p - yte.numpy()) ** 2):.4f}")
