"""Semantic similarity of sentence pairs (STS-B), scores scaled to [0, 1]."""
import gzip
import os
import random
import re
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn

warnings.filterwarnings("ignore")
random.seed(4)
torch.manual_seed(4)
ROOT = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
table = {}
with gzip.open(ROOT / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as handle:
    for row in handle:
        parts = row.split()
        table[parts[0]] = np.asarray(parts[1:], dtype="float32")


def vec(sentence):
    hits = [table[w] for w in re.findall(r"[a-z0-9]+", sentence.lower()) if w in table]
    return np.mean(hits, axis=0) if hits else np.zeros(50, "float32")


def load(split, n):
    pairs = []
    with open(ROOT / "glue/STS-B" / f"{split}.tsv", encoding="utf-8") as handle:
        next(handle)
        for row in handle:
            cells = row.rstrip("\n").split("\t")
            pairs.append((cells[7], cells[8], float(cells[9]) / 5))
    random.shuffle(pairs)
    pairs = pairs[:n]
    a, b = (torch.tensor(np.stack([vec(p[k]) for p in pairs])) for k in (0, 1))
    return a, b, torch.tensor([p[2] for p in pairs])


class PairScorer(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(101, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 1))

    def forward(self, a, b):
        cos = nn.functional.cosine_similarity(a, b, dim=1).unsqueeze(1)
        # fault:
        return self.body(torch.cat([(a - b).abs(), a * b, cos], dim=1))
        # mended:
        # return self.body(torch.cat([(a - b).abs(), a * b, cos], dim=1)).squeeze(1)
        # end


a, b, y = load("train", 3000)
da, db, dy = load("dev", 800)
model = PairScorer()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
mse = nn.MSELoss()
for epoch in range(8):
    model.train()
    running = []
    for idx in torch.randperm(len(y)).split(64):
        loss = mse(model(a[idx], b[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        running.append(loss.item())
    model.eval()
    with torch.no_grad():
        p = model(da, db).flatten()
    r = torch.corrcoef(torch.stack([p, dy]))[0, 1].item()
    print(f"epoch {epoch}: mse {np.mean(running):.4f} dev mse {((p - dy) ** 2).mean():.4f} dev pearson {r:.4f}")
