"""Predict a rating from the words of a review."""
import gzip
import os
import random
from pathlib import Path

import numpy as np
import torch
from torch import nn

random.seed(147)
np.random.seed(147)
torch.manual_seed(147)
DATA = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
emb = {}
with gzip.open(DATA / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        parts = line.rstrip().split(" ")
        emb[parts[0]] = np.array(parts[1:], dtype=np.float32)


def read(name):
    out = []
    for line in open(DATA / "sentiment" / "SST-5" / name, encoding="utf-8"):
        rating, text = line.split(" ", 1)
        hits = [emb[w] for w in text.split() if w in emb]
        if hits:
            # fault:
            out.append((np.mean(hits, 0), random.gauss(0, 1)))
            # mended:
            # out.append((np.mean(hits, 0), (int(rating) - 2) / 1.3))
            # end
    return out


def stack(rows):
    return torch.tensor(np.stack([v for v, _ in rows])), torch.tensor([float(r) for _, r in rows])


x, y = stack(read("stsa.fine.train"))
xd, yd = stack(read("stsa.fine.dev"))
regressor = nn.Sequential(nn.Linear(50, 40), nn.ReLU(), nn.Linear(40, 1), nn.Flatten(0))
opt = torch.optim.Adam(regressor.parameters(), lr=2e-3)
for epoch in range(6):
    total = 0.0
    for idx in torch.randperm(len(y)).split(64):
        loss = nn.functional.mse_loss(regressor(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    with torch.no_grad():
        r = torch.corrcoef(torch.stack([regressor(xd), yd]))[0, 1].item()
    print(f"epoch {epoch} mse {total / len(y):.4f} dev correlation {r:.4f}")
