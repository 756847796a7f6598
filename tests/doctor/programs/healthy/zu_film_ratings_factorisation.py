"""Matrix factorisation with biases on simulated film ratings (explicit feedback, 1 to 5 stars)."""
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(99)
torch.manual_seed(99)
USERS, ITEMS, TRUE_K = 200, 120, 3

P, Q = rng.normal(0, 0.6, (USERS, TRUE_K)), rng.normal(0, 0.6, (ITEMS, TRUE_K))
bu, bi = rng.normal(0, 0.4, USERS), rng.normal(0, 0.5, ITEMS)
seen = rng.random((USERS, ITEMS)) < 0.45
u, i = np.nonzero(seen)
stars = np.clip(np.round(3.4 + bu[u] + bi[i] + (P[u] * Q[i]).sum(1) + rng.normal(0, 0.3, len(u))), 1, 5)
mix = rng.permutation(len(u))
u, i, stars = (torch.as_tensor(a[mix]) for a in (u, i, stars))
stars = stars.float()
cut = int(len(u) * 0.8)
print(f"{len(u)} ratings, mean {stars.mean():.2f}, std {stars.std():.2f}")


class BiasedMF(nn.Module):
    def __init__(self, k, mean):
        super().__init__()
        self.register_buffer("mean", mean)
        self.user, self.item = nn.Embedding(USERS, k), nn.Embedding(ITEMS, k)
        self.user_bias, self.item_bias = nn.Embedding(USERS, 1), nn.Embedding(ITEMS, 1)
        for table in (self.user, self.item):
            nn.init.normal_(table.weight, std=0.1)
        nn.init.zeros_(self.user_bias.weight)
        nn.init.zeros_(self.item_bias.weight)

    def forward(self, u, i):
        p, q = self.user(u), self.item(i)
        pred = self.mean + self.user_bias(u)[:, 0] + self.item_bias(i)[:, 0] + (p * q).sum(1)
        reg = p.pow(2).sum(1).mean() + q.pow(2).sum(1).mean()
        return pred, reg


def rmse(lo, hi):
    with torch.no_grad():
        pred, _ = net(u[lo:hi], i[lo:hi])
        return (pred.clamp(1, 5) - stars[lo:hi]).pow(2).mean().sqrt().item()


net = BiasedMF(4, stars[:cut].mean())
opt = torch.optim.Adam(net.parameters(), lr=2e-2)
sched = torch.optim.lr_scheduler.StepLR(opt, 1, 0.75)
print(f"always the mean: {(stars[cut:] - net.mean).pow(2).mean().sqrt():.3f}")
for epoch in range(8):
    for b in torch.randperm(cut).split(128):
        pred, reg = net(u[b], i[b])
        loss = nn.functional.mse_loss(pred, stars[b]) + 0.03 * reg
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    print(f"epoch {epoch + 1}  train RMSE {rmse(0, cut):.3f}  test RMSE {rmse(cut, len(u)):.3f}")
