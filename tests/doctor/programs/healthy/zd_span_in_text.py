#!/usr/bin/env python
# Tiny "reading comprehension": a key word is asked for, point at the number that follows it in the passage.
# Pointer output = one score per position, positions behind the end get -inf before the loss.
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

rng = np.random.RandomState(5)
torch.manual_seed(5)
KEYS, VALUES, FILL = range(1, 21), range(21, 51), range(51, 91)

def passage():
    n = rng.randint(3, 6)
    keys = rng.choice(KEYS, n, replace=False)
    toks, at = [], []
    for k in keys:
        toks += list(rng.choice(FILL, rng.randint(0, 3)))
        toks.append(k)
        at.append(len(toks))
        toks.append(rng.choice(VALUES))
    toks += list(rng.choice(FILL, rng.randint(0, 3)))
    j = rng.randint(n)
    return toks, keys[j], at[j]

def table(n):
    raw = [passage() for _ in range(n)]
    T = 26
    x = np.zeros((n, T), dtype=np.int64)
    for i, (t, _, _) in enumerate(raw):
        x[i, :len(t)] = t
    return torch.from_numpy(x), torch.tensor([int(r[1]) for r in raw]), torch.tensor([r[2] for r in raw])

class Pointer(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(91, d, padding_idx=0)
        self.ctx = nn.Conv1d(d, d, 3, padding=1)
        self.ask = nn.Linear(d, d, bias=False)
    def forward(self, x, q):
        e = self.emb(x)
        h = torch.tanh(self.ctx(e.mT).mT)
        s = torch.einsum("btd,bd->bt", h, self.ask(self.emb(q)))
        return s.masked_fill(x == 0, float("-inf"))

Xtr, Qtr, Ytr = table(2000)
Xte, Qte, Yte = table(500)
model = Pointer()
opt = torch.optim.NAdam(model.parameters(), lr=8e-3)
guess = (1.0 / (Xte > 0).sum(1).float()).mean()
print("random pointing would hit %.3f" % guess)
for epoch in range(3):
    losses = []
    for ix in torch.randperm(len(Xtr)).split(50):
        loss = F.cross_entropy(model(Xtr[ix], Qtr[ix]), Ytr[ix])
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    with torch.no_grad():
        tr = (model(Xtr, Qtr).argmax(1) == Ytr).float().mean()
        te = (model(Xte, Qte).argmax(1) == Yte).float().mean()
    print("epoch %d loss %.3f exact train %.3f test %.3f" % (epoch, np.mean(losses), tr, te))
