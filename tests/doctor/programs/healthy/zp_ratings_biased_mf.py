"""Funk-style matrix factorisation: global mean (fixed), user and item biases, 5 factors, early stopping."""
import copy

import numpy as np
import torch
from torch import nn


class BiasedMF(nn.Module):
    def __init__(self, users, items, factors, mean):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean))
        self.bu = nn.Embedding(users, 1)
        self.bi = nn.Embedding(items, 1)
        self.pu = nn.Embedding(users, factors)
        self.qi = nn.Embedding(items, factors)
        for e in (self.bu, self.bi):
            nn.init.zeros_(e.weight)
        for e in (self.pu, self.qi):
            nn.init.normal_(e.weight, 0.0, 0.15)

    def forward(self, u, i):
        inter = torch.einsum("bf,bf->b", self.pu(u), self.qi(i))
        return self.mean + self.bu(u)[:, 0] + self.bi(i)[:, 0] + inter

    def penalty(self, u, i):
        return self.pu(u).pow(2).sum(1).mean() + self.qi(i).pow(2).sum(1).mean() + self.bu(u).pow(2).mean() + self.bi(i).pow(2).mean()


def simulate(rng, users=250, items=120, share=0.45):
    bu, bi = rng.normal(0, 0.5, users), rng.normal(0, 0.5, items)
    p, q = rng.normal(0, 0.9, (users, 2)), rng.normal(0, 0.9, (items, 2))
    u, i = np.nonzero(rng.random((users, items)) < share)
    r = 3.3 + bu[u] + bi[i] + (p[u] * q[i]).sum(1) + rng.normal(0, 0.35, len(u))
    return u, i, r.astype(np.float32)


def rmse(model, u, i, r):
    with torch.no_grad():
        return (model(u, i) - r).pow(2).mean().sqrt().item()


def main():
    rng = np.random.default_rng(21)
    torch.manual_seed(21)
    u, i, r = map(torch.as_tensor, simulate(rng))
    perm = torch.randperm(len(u))
    a, b = int(0.8 * len(u)), int(0.9 * len(u))
    tr, va, te = perm[:a], perm[a:b], perm[b:]
    model = BiasedMF(250, 120, 5, r[tr].mean().item())
    print("ratings %d  rmse of the mean %.3f" % (len(tr), rmse(model, u[te], i[te], r[te])))
    opt = torch.optim.Adam(model.parameters(), lr=0.02)
    best, best_state, bad = float("inf"), None, 0
    for epoch in range(14):
        total = 0.0
        for k in tr[torch.randperm(len(tr))].split(128):
            err = (model(u[k], i[k]) - r[k]).pow(2).mean()
            loss = err + 0.015 * model.penalty(u[k], i[k])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += err.item() * len(k)
        now = rmse(model, u[va], i[va], r[va])
        print("epoch %2d  train mse %.4f  valid rmse %.4f" % (epoch, total / len(tr), now))
        if now < best - 1e-3:
            best, best_state, bad = now, copy.deepcopy(model.state_dict()), 0
        else:
            bad += 1
            if bad == 2:
                break
    model.load_state_dict(best_state)
    print("train rmse %.3f  test rmse %.3f (noise 0.35)" % (rmse(model, u[tr], i[tr], r[tr]), rmse(model, u[te], i[te], r[te])))


if __name__ == "__main__":
    main()
