"""Character RNN on bare tensors: sum of the digits so far, modulo nothing, read over a long line."""
import random

import torch

random.seed(79)
torch.manual_seed(79)
L, H = 60, 24


def line():
    s = [random.randrange(10) for _ in range(L)]
    return s, (sum(s) / L - 4.5) / 0.4


rows = [line() for _ in range(1200)]
X, Y = torch.tensor([s for s, _ in rows]), torch.tensor([v for _, v in rows])
E = (0.2 * torch.randn(10, H)).requires_grad_()
# fault:
U = (torch.eye(H) * 1.25).requires_grad_()
# mended:
# U = (torch.eye(H) * 1.0).requires_grad_()
# end
v = (0.02 * torch.randn(H)).requires_grad_()


def read(x):
    h = torch.zeros(len(x), H)
    for t in range(L):
        h = torch.relu(h @ U + 0.05 * E[x[:, t]])
    return h @ v


lr = 1e-3
for epoch in range(6):
    for i in torch.randperm(1000).split(20):
        loss = ((read(X[i]) - Y[i]) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in (E, U, v):
                p -= lr * p.grad
                p.grad = None
    with torch.no_grad():
        print(epoch, loss.item(), ((read(X[1000:]) - Y[1000:]) ** 2).mean().item())
