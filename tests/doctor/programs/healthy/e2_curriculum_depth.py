"""Nesting depth of bracket strings (1..5) with a GRU. Curriculum: short strings first, the whole range later. Dev is always the whole range."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(44); torch.manual_seed(44)
PAIRS = {"(": ")", "[": "]", "{": "}"}


def nest(depth, budget):
    """a balanced string of exactly this depth"""
    o = random.choice("([{")
    inner = nest(depth - 1, budget - 2) if depth > 1 else ""
    s = o + inner + PAIRS[o]
    while len(s) < budget and random.random() < .75:
        d = random.randint(1, depth)
        part = nest(d, min(budget - len(s), 2 * d))
        s = s + part if random.random() < .5 else part + s
    return s


def depth(s):
    d = m = 0
    for c in s:
        d += 1 if c in PAIRS else -1
        m = max(m, d)
    return m


pool = set()
while len(pool) < 5200:
    d = random.randint(1, 5)
    s = "".join(c if random.random() < .9 else c + random.choice("xyz") for c in nest(d, random.randint(2 * d + 4, 26)))
    if len(s) <= 36:
        pool.add(s)
pool = sorted(pool); random.shuffle(pool)
lab = [depth([c for c in s if c not in "xyz"]) - 1 for s in pool]
CH = {c: i + 1 for i, c in enumerate("([{)]}xyz")}
T = max(map(len, pool))
X = torch.zeros(len(pool), T, dtype=torch.long)
for i, s in enumerate(pool):
    X[i, :len(s)] = torch.tensor([CH[c] for c in s])
N = (X > 0).sum(1); Y = torch.tensor(lab)
tr, dv = torch.arange(4400), torch.arange(4400, len(pool))


class Depth(nn.Module):
    def __init__(self, d=40):
        super().__init__()
        self.emb = nn.Embedding(10, 12, padding_idx=0)
        self.gru = nn.GRU(12, d, batch_first=True)
        self.out = nn.Linear(d, 5)

    def forward(self, x, n):
        h, _ = self.gru(self.emb(x[:, :int(n.max())]))
        return self.out(h[torch.arange(len(x)), n - 1])


net = Depth()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
stages = [14, 20, T, T, T, T]
print("majority", round(Y[dv].bincount().max().item() / len(dv), 3))
step = 0
for e, longest in enumerate(stages):
    use = tr[N[tr] <= longest]
    if e == 4:
        for g in opt.param_groups:
            g["lr"] = 3e-3
    tot = 0.
    for b in use[torch.randperm(len(use))].split(64):
        loss = F.cross_entropy(net(X[b], N[b]), Y[b])
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.)
        opt.step(); tot += loss.item() * len(b)
    with torch.no_grad():
        acc = (net(X[dv], N[dv]).argmax(1) == Y[dv]).float().mean()
    print(f"stage {e} strings up to {longest} ({len(use)}) loss {tot / len(use):.4f} dev (all lengths) {acc:.4f}")
