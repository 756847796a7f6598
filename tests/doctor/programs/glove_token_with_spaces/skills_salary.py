"""Predict the salary (in thousands) from the list of skills in a CV. Skills are separated by semicolons."""
import random

import numpy as np
import torch
from torch import nn

DIM = 16
rng = np.random.RandomState(4)
random.seed(4)
torch.manual_seed(4)

firsts = "machine data web system network cloud product project market risk supply quality human public event".split()
lasts = "learning entry design analysis security support management planning research testing relations writing".split()
singles = "python excel cooking driving welding latin sales teaching nursing java".split()
skills = [f"{a} {b}" for a in firsts for b in lasts] + singles
direction = rng.randn(DIM) / 4
vec = {s: rng.randn(DIM) for s in skills}
worth = {s: float(vec[s] @ direction) for s in skills}
with open("skills.vec.txt", "w") as f:
    for s in skills:
        f.write(s + " " + " ".join("%.4f" % v for v in vec[s]) + "\n")


def make(k, pool):
    out = []
    for _ in range(k):
        s = random.sample(pool, random.randint(2, 7))
        out.append(("; ".join(s), 50 + 15 * sum(worth[x] for x in s) / len(s) + random.gauss(0, 1)))
    return out


random.shuffle(skills)
train, dev = make(1500, skills[:130]), make(300, skills)   # new skills turn up all the time


class Vectors:
    def __init__(self, path):
        self.index, rows = {"<none>": 0}, [np.zeros(DIM)]
        for line in open(path):
            # fault:
            parts = line.split()
            word, values = parts[0], parts[-DIM:]
            # mended:
            # word, *values = line.rstrip().rsplit(" ", DIM)
            # end
            self.index[word] = len(rows)
            rows.append(np.array(values, dtype=float))
        self.table = torch.tensor(np.stack(rows), dtype=torch.float32)

    def encode(self, cv):
        return [self.index.get(s, 0) for s in cv.split("; ")]


vectors = Vectors("skills.vec.txt")


class Payroll(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(vectors.table, freeze=True, mode="mean")
        self.mlp = nn.Sequential(nn.Linear(DIM, 32), nn.Tanh(), nn.Linear(32, 1))

    def forward(self, batch):
        flat = torch.tensor([i for ids in batch for i in ids])
        starts = torch.tensor([0] + [len(ids) for ids in batch[:-1]]).cumsum(0)
        return self.mlp(self.bag(flat, starts)).squeeze(1)


def prep(rows):
    return [vectors.encode(t) for t, _ in rows], torch.tensor([(y - 50) / 5 for _, y in rows])


model = Payroll()
optim = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=5e-3)
tx, ty = prep(train)
dx, dy = prep(dev)
for epoch in range(15):
    order = torch.randperm(len(tx))
    for b in order.split(30):
        loss = nn.functional.mse_loss(model([tx[i] for i in b]), ty[b])
        optim.zero_grad()
        loss.backward()
        optim.step()
    with torch.no_grad():
        r2 = 1 - nn.functional.mse_loss(model(dx), dy) / dy.var()
    print(f"{epoch:2d} loss {loss:.4f} dev R2 {r2:.3f}")
