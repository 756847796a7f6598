"""MLP on bare tensors with a table of characters: first letter of a nickname from the full name."""
import random

import torch
import torch.nn.functional as F

random.seed(73)
torch.manual_seed(73)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def name():
    n = "".join(random.choice(LETTERS) for _ in range(6))
    return [LETTERS.index(c) for c in n], LETTERS.index(n[0] if n[3] in "aeioul" else n[2])


rows = [name() for _ in range(3000)]
X, Y = torch.tensor([r for r, _ in rows]), torch.tensor([k for _, k in rows])
g = torch.Generator().manual_seed(1)
C = torch.randn(26, 8, generator=g) * 0.5
W1 = torch.randn(48, 64, generator=g) / 48**0.5
b1 = torch.zeros(64)
W2 = torch.randn(64, 26, generator=g) / 8
b2 = torch.zeros(26)
parameters = [C, W1, b1, W2, b2]
for p in parameters:
    p.requires_grad = True
# fault:
rate = 30.0
# mended:
# rate = 0.3
# end
for i in range(1500):
    ix = torch.randint(0, 2500, (32,), generator=g)
    h = torch.tanh(C[X[ix]].view(-1, 48) @ W1 + b1)
    loss = F.cross_entropy(h @ W2 + b2, Y[ix])
    for p in parameters:
        p.grad = None
    loss.backward()
    for p in parameters:
        p.data += -rate * p.grad
    if i % 300 == 299:
        with torch.no_grad():
            h = torch.tanh(C[X[2500:]].view(-1, 48) @ W1 + b1)
            print(i + 1, loss.item(), F.cross_entropy(h @ W2 + b2, Y[2500:]).item())
