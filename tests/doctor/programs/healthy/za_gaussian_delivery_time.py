# How long will the order take, and how sure are we?  Gaussian likelihood with a learnt variance.
# (the loss goes below zero, that is what a log density does)
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(4)
rng = np.random.RandomState(4)

dishes = ["toast", "soup", "salad", "pasta", "pizza", "roast", "cake", "stew", "tea", "fish"]
minutes = np.array([.1, .3, .2, .5, .6, 1.2, .8, 1.5, .05, .7])
spread = np.array([.01, .03, .02, .05, .08, .2, .1, .3, .01, .06])

orders, took = [], []
for _ in range(3000):
    pick = rng.randint(0, len(dishes), size=rng.randint(1, 5))
    orders.append(pick)
    took.append(minutes[pick].sum() / 3 + rng.randn() * np.sqrt((spread[pick] ** 2).sum()) / 3)
took = torch.tensor(np.array(took), dtype=torch.float32)
counts = torch.zeros(3000, len(dishes))
for row, pick in enumerate(orders):
    for p in pick:
        counts[row, p] += 1

tr, va = slice(0, 2500), slice(2500, 3000)


class MeanVar(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.mean = nn.Linear(n, 1)
        self.logvar = nn.Sequential(nn.Linear(n, 16), nn.Tanh(), nn.Linear(16, 1))

    def forward(self, c):
        return self.mean(c).squeeze(1), self.logvar(c).squeeze(1).exp()


net = MeanVar(len(dishes))
nll = nn.GaussianNLLLoss(eps=1e-5)
opt = torch.optim.Adam(net.parameters(), lr=0.02)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.03, total_steps=12 * 25)
for epoch in range(12):
    running = 0.
    for b in torch.randperm(2500).view(25, 100):
        mu, var = net(counts[tr][b])
        loss = nll(mu, took[tr][b], var)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        running += loss.item() / 25
    if epoch % 3 == 2:
        with torch.no_grad():
            mu, var = net(counts[va])
            val = nll(mu, took[va], var).item()
            inside = ((mu - took[va]).abs() < 1.96 * var.sqrt()).float().mean().item()
            r2 = 1 - ((mu - took[va]) ** 2).sum() / ((took[va] - took[va].mean()) ** 2).sum()
        print(f"epoch {epoch + 1:2d}  train nll {running:.3f}  valid nll {val:.3f}  R2 {r2:.3f}  inside 95% band {inside:.3f}")
