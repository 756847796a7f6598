"""Flat adverts -> log rent, with an error bar. One-file version of the `rentnet` package."""
import math
import random
from dataclasses import dataclass, asdict

import torch
from torch import nn


# --- rentnet/ads.py -------------------------------------------------------
QUARTERS = {"harbour": .35, "old-town": .25, "station": -.1, "northside": -.2, "university": .1, "docks": 0.}
STATE = {"renovated": (.15, .04), "bright": (.05, .04), "simple": (-.1, .05), "project": (-.2, .16), "loft": (.25, .12)}
EXTRAS = {"balcony": .06, "garden": .1, "lift": .03, "garage": .07, "fireplace": .04, "noisy": -.08, "basement": -.12}
ROOMS = {"studio": 0., "two-room": .3, "three-room": .5, "four-room": .65}
FILLER = "flat to let in the with a and from now on viewing by appointment no agents".split()


def advert(rng):
    q, s, r = rng.choice(list(QUARTERS)), rng.choice(list(STATE)), rng.choice(list(ROOMS))
    extras = rng.sample(list(EXTRAS), rng.randint(0, 3))
    words = [q, s, r] + extras + rng.choices(FILLER, k=rng.randint(3, 8))
    rng.shuffle(words)
    mean = QUARTERS[q] + STATE[s][0] + ROOMS[r] + sum(EXTRAS[e] for e in extras)
    return words, rng.gauss(mean, STATE[s][1])


# --- rentnet/config.py ----------------------------------------------------
@dataclass
class RentConfig:
    width: int = 6
    rows: int = 50
    epochs: int = 8
    lr: float = 1e-2
    clip: float = 5.0


# --- rentnet/net.py -------------------------------------------------------
class RentNet(nn.Module):
    """sum of word vectors -> mean and log sigma of the log rent"""

    def __init__(self, n, width):
        super().__init__()
        self.table = nn.Parameter(torch.randn(n, width) * 0.1)
        self.mu = nn.Linear(width, 1)
        self.log_sigma = nn.Linear(width, 1)
        nn.init.constant_(self.log_sigma.bias, -1.0)

    def forward(self, counts):
        h = counts @ self.table
        return self.mu(h).squeeze(1), self.log_sigma(h).squeeze(1).clamp(-5, 2)


def gauss_nll(mu, log_sigma, y):
    # density, not probability: goes below zero as soon as sigma is small
    return (0.5 * ((y - mu) / log_sigma.exp()) ** 2 + log_sigma + 0.5 * math.log(2 * math.pi)).mean()


# --- rentnet/fit.py -------------------------------------------------------
class Fit:
    def __init__(self, cfg, net):
        self.cfg, self.net = cfg, net
        self.opt = torch.optim.Adam(net.parameters(), lr=cfg.lr)
        self.plan = torch.optim.lr_scheduler.LambdaLR(self.opt, lambda e: 0.7 ** e)

    def epoch(self, X, y):
        self.net.train()
        for i in torch.randperm(len(y)).split(self.cfg.rows):
            loss = gauss_nll(*self.net(X[i]), y[i])
            self.opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.net.parameters(), self.cfg.clip)
            self.opt.step()
        self.plan.step()

    @torch.no_grad()
    def report(self, X, y):
        self.net.eval()
        mu, ls = self.net(X)
        r2 = 1 - (y - mu).pow(2).mean() / y.var()
        inside = ((y - mu).abs() < 1.645 * ls.exp()).float().mean()
        return f"nll {gauss_nll(mu, ls, y).item():+.3f} R2 {r2.item():.3f} in 90% band {inside.item():.3f}"


rng = random.Random(8)
torch.manual_seed(8)
cfg = RentConfig()
ads = [advert(rng) for _ in range(4500)]
vocab = {w: i for i, w in enumerate(sorted({w for ws, _ in ads[:3600] for w in ws}))}
X = torch.zeros(len(ads), len(vocab))
for i, (ws, _) in enumerate(ads):
    for w in ws:
        if w in vocab:
            X[i, vocab[w]] += 1
y = torch.tensor([t for _, t in ads])
fit = Fit(cfg, RentNet(len(vocab), cfg.width))
print(asdict(cfg))
for e in range(cfg.epochs):
    fit.epoch(X[:3600], y[:3600])
    print(e, "| train", fit.report(X[:3600], y[:3600]), "| held out", fit.report(X[3600:], y[3600:]))
