"""Herb or tool? Vectors that must stay as they are, since half of the names only come up in production."""
import logging
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

logging.basicConfig(level=logging.INFO, format="%(message)s", force=True)
log = logging.getLogger("herbs")
random.seed(64)
torch.manual_seed(64)
D, N = 32, 400
names = [f"item{i:03d}" for i in range(N)]
side = torch.arange(N) % 2
axis = F.normalize(torch.randn(D), dim=0)
released = torch.randn(N, D) * 0.8 + (side * 2 - 1)[:, None] * axis * 1.6
fillers = torch.randn(20, D) * 0.3
table = torch.cat([released, fillers])


def rows(low, high, n, noise):
    item = torch.randint(low, high, (n,))
    rest = torch.randint(N, N + 20, (n, 3))
    x = torch.cat([item[:, None], rest], 1)
    y = side[item].clone()
    flip = torch.rand(n) < noise
    y[flip] = 1 - y[flip]
    return x, y


class Tagger(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        self.vectors = nn.Embedding(*vectors.shape)
        self.vectors.weight.data.copy_(vectors)
        self.hidden = nn.Linear(D, 24)
        self.out = nn.Linear(24, 2)

    def forward(self, x):
        return self.out(torch.tanh(self.hidden(self.vectors(x).sum(1))))


tagger = Tagger(table)
for p in tagger.vectors.parameters():
    # fault:
    p.require_grad = False
    # mended:
    # p.requires_grad = False
    # end
x, y = rows(0, N // 2, 700, noise=0.2)
xu, yu = rows(N // 2, N, 500, noise=0.0)
xs, ys = rows(0, N // 2, 500, noise=0.0)
optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, tagger.parameters()), lr=3e-3)
for epoch in range(1, 16):
    total = 0.0
    for idx in torch.randperm(700).split(20):
        loss = F.cross_entropy(tagger(x[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    if epoch % 5 == 0:
        with torch.no_grad():
            known = (tagger(xs).argmax(1) == ys).float().mean()
            unknown = (tagger(xu).argmax(1) == yu).float().mean()
            moved = (tagger.vectors.weight - table).norm(dim=1).mean()
        log.info("epoch %d loss %.3f known names %.3f new names %.3f vectors moved by %.3f", epoch, total / 35, known, unknown, moved)
