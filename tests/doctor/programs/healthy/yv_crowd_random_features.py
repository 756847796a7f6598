#!/usr/bin/env python3
"""Crowd labels are wrong four times in ten here; nobody can score above 0.60 against them.
Random token codes (never trained, drawn on the fly from the token's hash) -> random ReLU features -> one trained layer."""
import hashlib
import random

import torch

torch.manual_seed(1)
random.seed(1)
GOOD = "great fine lovely superb neat warm fresh solid".split()
BAD = "awful dull broken cold stale weak noisy bland".split()
REST = [a + b for a in ("ka", "lo", "mi", "ne", "pu", "sa", "ti", "vo") for b in ("ra", "den", "li", "mo", "sk", "ty")]
FLIP, DIM, FEATURES = 0.4, 48, 48


def review():
    mood = random.random() < .5
    k = random.choice((2, 3))
    toks = random.choices(GOOD if mood else BAD, k=k) + random.choices(BAD if mood else GOOD, k=random.random() < .3)
    toks += random.choices(REST, k=random.randint(3, 8))
    random.shuffle(toks)
    return toks, mood, mood ^ (random.random() < FLIP)


def code(tok, memo={}):
    if tok not in memo:
        seed = int.from_bytes(hashlib.md5(tok.encode()).digest()[:6], "big")
        memo[tok] = torch.randn(DIM, generator=torch.Generator().manual_seed(seed))
    return memo[tok]


def matrix(rows):
    return torch.stack([torch.stack([code(t) for t in toks]).sum(0) / len(toks) ** .5 for toks, _, _ in rows])


class Reservoir(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("W", torch.randn(DIM, FEATURES) / DIM ** .5)
        self.register_buffer("c", torch.rand(FEATURES) - .5)
        self.readout = torch.nn.Linear(FEATURES + DIM, 1)

    def forward(self, x):
        return self.readout(torch.cat([torch.relu(x @ self.W + self.c), x], 1)).squeeze(1)


rows = [review() for _ in range(9000)]
x = matrix(rows)
crowd = torch.tensor([float(r[2]) for r in rows])
gold = torch.tensor([float(r[1]) for r in rows])       # for the last column only
cut = 7000
net = Reservoir()
opt = torch.optim.SGD(net.parameters(), lr=.004, momentum=.9, weight_decay=1e-2)
bce = torch.nn.BCEWithLogitsLoss()
best_possible = -(FLIP * torch.tensor(FLIP).log() + (1 - FLIP) * torch.tensor(1 - FLIP).log())
print(f"loss of a fair coin 0.6931, of an oracle {best_possible:.4f}")
rounds = 6
for r in range(rounds):
    opt.param_groups[0]["lr"] = .004 * (1 - r / rounds) ** 2
    mean = 0.
    for b in torch.randperm(cut).split(100):
        loss = bce(net(x[b]), crowd[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        mean += loss.item() * len(b) / cut
    with torch.no_grad():
        z = net(x)
    hit = lambda y, sl: ((z[sl] > 0) == (y[sl] > .5)).float().mean().item()
    tr, de = slice(0, cut), slice(cut, None)
    print(f"round {r} loss {mean:.4f} dev loss {bce(z[de], crowd[de]):.4f} | crowd train {hit(crowd, tr):.3f} dev {hit(crowd, de):.3f}"
          f" (at most {1 - FLIP:.2f}) | gold dev {hit(gold, de):.3f}")
