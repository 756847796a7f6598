# Tomorrow's deviation of the grid load (GW) from the weather service's one-line bulletin.
# We need the spread as well as the value: heteroscedastic Gaussian likelihood.
# (densities, so a good model goes below zero)
import math
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(17)
torch.manual_seed(17)
EFFECT = {"frost": .55, "cold": .35, "snow": .4, "mild": -.2, "sunny": -.35, "warm": -.3, "heatwave": .5,
          "windy": .1, "fog": .15, "overcast": .12, "showers": .05, "clear": -.15}
DEGREE = {"severe": 1.4, "moderate": 1.0, "slight": 0.5}
UNSURE = {"possibly": 0.2, "likely": 0.1, "certainly": 0.05}
FILL = "in the north over central parts of during afternoon night with and from west later spells region".split()


def bulletin():
    # one or two phenomena, one degree, one word for how sure the forecaster is
    ph = list(rng.choice(list(EFFECT), rng.integers(1, 3), replace=False))
    dg, un = rng.choice(list(DEGREE)), rng.choice(list(UNSURE))
    words = ph + [dg, un] + list(rng.choice(FILL, 12 - len(ph) - 2))
    rng.shuffle(words)
    mu = DEGREE[dg] * sum(EFFECT[p] for p in ph)
    return words, mu + UNSURE[un] * rng.standard_normal()


rows = [bulletin() for _ in range(6800)]
lex = {w: k for k, w in enumerate(sorted({w for t, _ in rows for w in t}))}
X = torch.zeros(len(rows), len(lex))
for r, (t, _) in enumerate(rows):
    for w in t:
        X[r, lex[w]] = 1.0
Y = torch.tensor([v for _, v in rows], dtype=torch.float32)
past, future = slice(0, 6000), slice(6000, None)


class Forecast(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(d, 32), nn.SiLU(), nn.Linear(32, 16), nn.SiLU())
        self.mean, self.spread = nn.Linear(16, 1), nn.Linear(16, 1)

    def forward(self, x):
        h = self.body(x)
        return self.mean(h)[:, 0], self.spread(h)[:, 0].clamp(-8, 3)  # log variance


def nll(mu, logvar, y):
    return 0.5 * (logvar + (y - mu) ** 2 * torch.exp(-logvar) + math.log(2 * math.pi)).mean()


f = Forecast(len(lex))
opt = torch.optim.Adam(f.parameters(), lr=3e-3, betas=(0.9, 0.98))
anneal = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=10)
for ep in range(10):
    xs, ys = X[past], Y[past]
    for b in torch.randperm(len(xs)).split(64):
        mu, lv = f(xs[b])
        # the first two passes fit the mean only
        loss = nn.functional.mse_loss(mu, ys[b]) if ep < 2 else nll(mu, lv, ys[b])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(f.parameters(), 1.0)
        opt.step()
    anneal.step()
    with torch.no_grad():
        m0, l0 = f(xs)
        m, lv = f(X[future])
        y = Y[future]
        r2 = 1 - ((y - m) ** 2).sum() / ((y - y.mean()) ** 2).sum()
        inside = ((y - m).abs() < 1.645 * torch.exp(lv / 2)).float().mean()
    print(f"{ep:2d} nll past {nll(m0, l0, ys):.3f} future {nll(m, lv, y):.3f}  R2 {r2:.3f}  90% band holds {inside:.3f}")
