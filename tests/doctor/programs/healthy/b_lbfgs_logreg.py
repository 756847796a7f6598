"""Logistic regression on mean GloVe vectors (SST-2), fitted by L-BFGS in a few iterations."""
import gzip
import os
import random
from pathlib import Path

import numpy as np
import torch

random.seed(310)
torch.manual_seed(310)
D = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
g = {}
with gzip.open(D / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.split()
        g[w] = np.array(v, np.float32)


def read(split):
    x, y = [], []
    for line in open(D / "sentiment" / "SST-2-sentences" / f"stsa.binary.{split}", encoding="utf-8"):
        label, text = line.strip().split(" ", 1)
        hits = [g[w] for w in text.split() if w in g]
        if hits:
            x.append(np.mean(hits, 0))
            y.append(int(label))
    return torch.tensor(np.stack(x)), torch.tensor(y)


x, y = read("train")
xd, yd = read("dev")
model = torch.nn.Linear(50, 2)
opt = torch.optim.LBFGS(model.parameters(), lr=1.0, max_iter=10, line_search_fn="strong_wolfe")


def closure():
    opt.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(x), y) + 1e-4 * model.weight.square().sum()
    loss.backward()
    return loss


for it in range(4):
    loss = opt.step(closure)
    with torch.no_grad():
        acc = (model(xd).argmax(1) == yd).float().mean().item()
    print(f"iteration {it} loss {loss.item():.4f} dev accuracy {acc:.4f}")
