"""Elman network written out: does the bracket string end balanced? Constants for a start."""
import random

import torch

random.seed(77)
torch.manual_seed(77)
L = 8


def string():
    s = [random.choice((0, 1)) for _ in range(L)]
    depth, ok = 0, True
    for c in s:
        depth += 1 - 2 * c
    return s, float(depth > 0)


rows = [string() for _ in range(1600)]
X = torch.nn.functional.one_hot(torch.tensor([s for s, _ in rows]), 2).float()
Y = torch.tensor([y for _, y in rows])
H = 12
# fault:
Wx = torch.full((2, H), 0.05)
Wh = torch.full((H, H), 0.01)
Wo = torch.full((H,), 0.1)
# mended:
# Wx = torch.randn(2, H) * 0.5
# Wh = torch.randn(H, H) / H**0.5 * 0.7
# Wo = torch.randn(H) / H**0.5
# end
bh = torch.zeros(H)
params = [Wx, Wh, bh, Wo]
for p in params:
    p.requires_grad_(True)


def run(x):
    h = torch.zeros(len(x), H)
    for t in range(L):
        h = torch.tanh(x[:, t] @ Wx + h @ Wh + bh)
    return h @ Wo


optimizer = torch.optim.Adam(params, lr=0.01)
for epoch in range(10):
    for i in torch.randperm(1300).split(26):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(run(X[i]), Y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print(epoch, loss.item(), ((run(X[1300:]) > 0).float() == Y[1300:]).float().mean().item())
