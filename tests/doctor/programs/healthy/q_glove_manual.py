"""GloVe objective from scratch on recipe ingredient lists. Bare tensors, AdaGrad by hand, held-out cells."""
import numpy as np
import torch

torch.manual_seed(3)
rs = np.random.RandomState(3)

# --- recipes: every cuisine prefers some ingredients, every dish mixes one or two cuisines
V, CUISINES, RECIPES = 160, 8, 6000
pop = rs.gamma(1.2, 1.0, V) + 0.15
taste = np.exp(rs.randn(CUISINES, V) * 1.1) * pop
taste /= taste.sum(1, keepdims=True)
X = np.zeros((V, V))
for _ in range(RECIPES):
    mix = rs.dirichlet(np.full(CUISINES, 0.15))
    items = rs.choice(V, size=rs.randint(8, 16), replace=False, p=mix @ taste)
    for a in range(len(items)):
        for b in range(len(items)):
            if a != b:
                X[items[a], items[b]] += 1.0

ii, jj = np.nonzero(np.triu(X, 1))
cnt = X[ii, jj]
use = cnt >= 5                                     # rare cells are mostly noise
ii, jj, cnt = ii[use], jj[use], cnt[use]
perm = rs.permutation(len(cnt))
ii, jj, cnt = ii[perm], jj[perm], cnt[perm]
cut = int(0.85 * len(cnt))
print(len(cnt), "cells,", cut, "for fitting")

I, J = torch.from_numpy(ii), torch.from_numpy(jj)
target = torch.from_numpy(np.log(cnt)).float()
weight = torch.from_numpy(np.minimum(1.0, (cnt / 60.0) ** 0.75)).float()

D = 8
W = ((torch.rand(V, D) - 0.5) / D).requires_grad_()
C = ((torch.rand(V, D) - 0.5) / D).requires_grad_()
bw = torch.zeros(V, requires_grad=True)
bc = torch.zeros(V, requires_grad=True)
mu = target[:cut].mean()                          # fixed offset
params = [W, C, bw, bc]
memory = [torch.full_like(p, 0.1) for p in params]
lr = 0.25


def predict(i, j):
    # a cell of the upper triangle stands for both directions, so both are averaged
    fwd = (W[i] * C[j]).sum(1) + bw[i] + bc[j]
    bwd = (W[j] * C[i]).sum(1) + bw[j] + bc[i]
    return mu + 0.5 * (fwd + bwd)


def objective(sl):
    err = predict(I[sl], J[sl]) - target[sl]
    return (weight[sl] * err * err).mean()


def r2(sl):
    with torch.no_grad():
        w = weight[sl]
        err = (w * (predict(I[sl], J[sl]) - target[sl]) ** 2).sum()
        base = (w * (target[sl] - mu) ** 2).sum()
    return 1 - (err / base).item()


fit, held = torch.arange(cut), torch.arange(cut, len(cnt))
for epoch in range(1, 41):
    order = fit[torch.randperm(cut)]
    for chunk in order.split(256):
        loss = objective(chunk)
        grads = torch.autograd.grad(loss, params)
        with torch.no_grad():
            for p, g, m in zip(params, grads, memory):
                m += g * g
                p -= lr * g / m.sqrt()
    if epoch % 4 == 0:
        with torch.no_grad():
            print(f"epoch {epoch:2d}  J fit {objective(fit):.4f}  J held {objective(held):.4f}  "
                  f"R2 fit {r2(fit):.3f}  R2 held {r2(held):.3f}")
print("mean predictor has R2 0.000")
