"""Duplicate questions on QQP with a siamese bag of GloVe vectors."""
import csv
import gzip
import os
import re
from pathlib import Path

import torch
from torch import nn

torch.manual_seed(104)
DATA = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
w2v = {}
with gzip.open(DATA / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for line in fh:
        w, *v = line.split()
        w2v[w] = torch.tensor([float(a) for a in v]) if len(w2v) < 6000 else None
w2v = {w: v for w, v in w2v.items() if v is not None}


def embed(q):
    found = [w2v[w] for w in re.findall(r"[a-z]+", q.lower()) if w in w2v]
    return torch.stack(found).mean(0) if found else torch.zeros(50)


def load(name, limit):
    with open(DATA / "glue" / "QQP" / name, encoding="utf-8", newline="") as fh:
        rows = list(csv.DictReader(fh, delimiter="\t", quoting=csv.QUOTE_NONE))[:limit]
    a = torch.stack([embed(r["question1"]) for r in rows])
    b = torch.stack([embed(r["question2"]) for r in rows])
    return a, b, torch.tensor([float(r["is_duplicate"]) for r in rows])


a, b, y = load("train_subset8999.tsv", 3000)
da, db, dy = load("dev_subset1000.tsv", 800)


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.tower = nn.Linear(50, 50)
        # fault:
        self.judge = nn.Sequential(nn.Linear(101, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
        # mended:
        # self.judge = nn.Sequential(nn.Linear(101, 32), nn.ReLU(), nn.Linear(32, 1))
        # end

    def forward(self, a, b):
        u, v = torch.tanh(self.tower(a)), torch.tanh(self.tower(b))
        cos = torch.cosine_similarity(a, b).unsqueeze(1)
        return self.judge(torch.cat([u * v, (u - v).abs(), cos], 1)).squeeze(1)


net = Siamese()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
loss_fn = nn.BCEWithLogitsLoss()
for epoch in range(10):
    for idx in torch.randperm(len(y)).split(50):
        opt.zero_grad()
        loss = loss_fn(net(a[idx], b[idx]), y[idx])
        loss.backward()
        opt.step()
    if epoch % 2:
        with torch.no_grad():
            s = net(da, db)
            # fault:
            guess = s > 0.5
            # mended:
            # guess = s > 0
            # end
        hit = (guess & (dy > 0)).sum().item()
        f1 = 2 * hit / max(1, guess.sum().item() + (dy > 0).sum().item())
        print(f"epoch {epoch + 1} loss {loss.item():.4f} accuracy {(guess == (dy > 0)).float().mean():.4f} F1 {f1:.4f}")
