# skip-gram with negative sampling for an ethnographer's field notes; two sparse tables, no labels at all
import numpy as np
import torch
import torch.nn as nn
from torch.nn.functional import logsigmoid

rng = np.random.default_rng(42)
torch.manual_seed(42)
SCENES = 8
PER = 10
V = SCENES * PER


def notes(n):
    """every note stays with one scene (market, harvest, wedding ...), with a stray word now and then"""
    for _ in range(n):
        k = rng.integers(SCENES)
        w = k * PER + rng.integers(0, PER, 8)
        stray = rng.random(8) < 0.1
        w[stray] = rng.integers(0, V, stray.sum())
        yield w


def pairs(texts, win=2):
    out = []
    for t in texts:
        for i in range(len(t)):
            for j in range(max(0, i - win), min(len(t), i + win + 1)):
                if i != j and t[i] != t[j]:
                    out.append((t[i], t[j]))
    return torch.tensor(np.array(out))


train, held = pairs(notes(900)), pairs(notes(150))
freq = torch.bincount(train[:, 1], minlength=V).float() ** 0.75


class SGNS(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.inp = nn.Embedding(V, d, sparse=True)
        self.ctx = nn.Embedding(V, d, sparse=True)
        nn.init.uniform_(self.inp.weight, -.5 / d, .5 / d)
        nn.init.uniform_(self.ctx.weight, -.5 / d, .5 / d)

    def forward(self, c, o, neg):
        u = self.inp(c)
        pos = (u * self.ctx(o)).sum(-1)
        n = torch.einsum("bd,bkd->bk", u, self.ctx(neg))
        return -(logsigmoid(pos) + logsigmoid(-n).sum(-1)).mean()


def purity(m):
    e = nn.functional.normalize(m.inp.weight.detach(), dim=1)
    sim = e @ e.T
    sim.fill_diagonal_(-2)
    nn5 = sim.topk(5).indices // PER
    return (nn5 == (torch.arange(V) // PER)[:, None]).float().mean().item()


model = SGNS()
optimizer = torch.optim.SparseAdam(list(model.parameters()), lr=0.01)
K = 4
held_neg = torch.multinomial(freq, len(held) * K, replacement=True).view(-1, K)
print(f"start: held-out loss {model(held[:, 0], held[:, 1], held_neg).item():.3f} neighbours of the same scene {purity(model):.3f}")
for epoch in range(1, 6):
    total = 0.0
    for b in train[torch.randperm(len(train))].split(200):
        neg = torch.multinomial(freq, len(b) * K, replacement=True).view(-1, K)
        loss = model(b[:, 0], b[:, 1], neg)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(b)
    with torch.no_grad():
        h = model(held[:, 0], held[:, 1], held_neg).item()
    print(f"epoch {epoch}: loss {total / len(train):.3f} held-out {h:.3f} neighbours of the same scene {purity(model):.3f}")
