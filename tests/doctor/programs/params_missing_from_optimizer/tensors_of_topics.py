"""Bigger bag-of-words network, all tensors; the list of what is updated was written before the table was added."""
import random

import torch
import torch.nn.functional as F

random.seed(69)
torch.manual_seed(69)
K, V, D, H = 5, 90, 16, 24


def row():
    k = random.randrange(K)
    return [random.randrange(k * 9, k * 9 + 9) for _ in range(3)] + [random.randrange(45, V) for _ in range(5)], k


rows = [row() for _ in range(2000)]
X, Y = torch.tensor([r for r, _ in rows]), torch.tensor([k for _, k in rows])
E = (0.3 * torch.randn(V, D)).requires_grad_()
W1 = (torch.randn(D, H) / D**0.5).requires_grad_()
b1 = torch.zeros(H, requires_grad=True)
W2 = (torch.randn(H, K) / H**0.5).requires_grad_()
b2 = torch.zeros(K, requires_grad=True)
# fault:
weights = [W1, b1, W2, b2]
# mended:
# weights = [E, W1, b1, W2, b2]
# end


def forward(x):
    return torch.relu(E[x].mean(1) @ W1 + b1) @ W2 + b2


for step in range(1500):
    i = torch.randint(0, 1600, (32,))
    loss = F.cross_entropy(forward(X[i]), Y[i])
    for w in (E, W1, b1, W2, b2):
        w.grad = None
    loss.backward()
    with torch.no_grad():
        for w in weights:
            w -= 0.3 * w.grad
    if step % 300 == 299:
        with torch.no_grad():
            print(step + 1, loss.item(), (forward(X[1600:]).argmax(1) == Y[1600:]).float().mean().item())
