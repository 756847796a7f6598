"""How long does a recipe take -- with an honest error bar.  Mean and log-variance heads, Gaussian likelihood."""
import math
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(12)
torch.manual_seed(12)

ACTIONS = {"chop": (.10, .01), "boil": (.20, .02), "fry": (.15, .02), "bake": (.45, .06), "mix": (.05, .01),
           "peel": (.08, .01), "marinate": (.80, .12), "serve": (.02, .01), "knead": (.25, .03), "grill": (.30, .04),
           "chill": (.60, .08), "slice": (.07, .01), "melt": (.09, .01), "wait": (.40, .10)}
THINGS = ["onion", "dough", "beef", "butter", "rice", "salad", "cake", "fish", "sauce", "apples"]
names = list(ACTIONS) + THINGS
index = {w: i for i, w in enumerate(names)}


def recipes(n):
    x = np.zeros((n, len(names)), dtype=np.float32)
    y = np.zeros(n, dtype=np.float32)
    for i in range(n):
        steps = rng.choice(list(ACTIONS), size=rng.integers(2, 7))
        var = 0.0
        for s in steps:
            x[i, index[s]] += 1
            x[i, index[THINGS[rng.integers(len(THINGS))]]] += 1
            y[i] += ACTIONS[s][0]
            var += ACTIONS[s][1] ** 2
        y[i] += rng.normal(0, math.sqrt(var))          # hours
    return torch.from_numpy(x), torch.from_numpy(y)


class MeanAndSpread(nn.Module):
    def __init__(self, n_in):
        super().__init__()
        self.shared = nn.Sequential(nn.Linear(n_in, 48), nn.SiLU())
        self.mu = nn.Linear(48, 1)
        self.logvar = nn.Linear(48, 1)
        nn.init.zeros_(self.logvar.weight)             # start with the same spread for all
        nn.init.constant_(self.logvar.bias, -1.0)

    def forward(self, x):
        h = self.shared(x)
        return self.mu(h).squeeze(-1), self.logvar(h).squeeze(-1)


def nll(mu, logvar, y):
    # densities of narrow gaussians are above one, so this goes below zero
    return 0.5 * (logvar + (y - mu) ** 2 / logvar.exp() + math.log(2 * math.pi)).mean()


x_train, y_train = recipes(3000)
x_held, y_held = recipes(600)
net = MeanAndSpread(len(names))
optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=12)

for epoch in range(12):
    net.train()
    total = 0.0
    for rows in torch.randperm(len(x_train)).split(50):
        mu, logvar = net(x_train[rows])
        loss = nll(mu, logvar, y_train[rows])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        total += loss.item() * len(rows)
    scheduler.step()
    net.eval()
    with torch.no_grad():
        mu, logvar = net(x_held)
        held = nll(mu, logvar, y_held).item()
        r2 = 1 - ((y_held - mu) ** 2).mean() / y_held.var()
        covered = ((y_held - mu).abs() < 1.96 * (0.5 * logvar).exp()).float().mean()
    print(f"epoch {epoch + 1:2d}  nll {total / len(x_train):+.3f}  held-out nll {held:+.3f}  R2 {r2:.3f}  "
          f"inside the 95 % band {covered:.3f}")
