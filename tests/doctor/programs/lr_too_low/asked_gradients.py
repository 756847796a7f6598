"""Gradients are asked for (torch.autograd.grad) and taken off the weights one by one."""
import random

import torch
import torch.nn.functional as F

random.seed(71)
torch.manual_seed(71)
K, V = 4, 64


def row():
    k = random.randrange(K)
    x = torch.zeros(V)
    for j in [random.randrange(k * 8, k * 8 + 8) for _ in range(2)] + [random.randrange(32, V) for _ in range(5)]:
        x[j] += 1
    return x, k


rows = [row() for _ in range(1500)]
X, Y = torch.stack([x for x, _ in rows]), torch.tensor([k for _, k in rows])
params = {"w1": torch.randn(V, 32) / 8, "b1": torch.zeros(32), "w2": torch.randn(32, K) / 6, "b2": torch.zeros(K)}
for p in params.values():
    p.requires_grad_()
# fault:
LR = 1e-5
# mended:
# LR = 0.3
# end


def net(x, p):
    return F.relu(x @ p["w1"] + p["b1"]) @ p["w2"] + p["b2"]


for epoch in range(8):
    for i in torch.randperm(1200).split(20):
        loss = F.cross_entropy(net(X[i], params), Y[i])
        grads = torch.autograd.grad(loss, list(params.values()))
        with torch.no_grad():
            for p, g in zip(params.values(), grads):
                p.sub_(LR * g)
    with torch.no_grad():
        print(epoch, loss.item(), (net(X[1200:], params).argmax(1) == Y[1200:]).float().mean().item())
