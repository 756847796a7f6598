# Predicts log price AND its uncertainty from a flat listing's words (heteroscedastic Gaussian NLL).
import math
import numpy as np
import torch
from torch import nn

rs = np.random.RandomState(5)
torch.manual_seed(5)

AREA = {"centre": 0.9, "harbour": 0.7, "park": 0.4, "station": 0.1, "suburb": -0.3, "airport": -0.6, "industrial": -0.9}
EXTRA = {"balcony": 0.15, "renovated": 0.3, "parquet": 0.12, "lift": 0.1, "garage": 0.2, "damp": -0.35, "noisy": -0.2,
         "sauna": 0.3, "basement": -0.25, "furnished": 0.08, "unfinished": -0.4, "view": 0.25}
VAGUE = ["negotiable", "auction", "project"]                  # these make the price uncertain
WORDS = list(AREA) + list(EXTRA) + VAGUE + ["flat", "rooms", "near", "nice", "for", "sale", "quiet", "owner"]
W = {w: i for i, w in enumerate(WORDS)}


def listing():
    a = rs.choice(list(AREA))
    ex = list(rs.choice(list(EXTRA), rs.randint(1, 5), replace=False))
    words = [a] + ex + list(rs.choice(WORDS[-8:], 4))
    sigma = 0.04
    if rs.rand() < 0.3:
        words.append(rs.choice(VAGUE))
        sigma = 0.25
    size = rs.uniform(0, 1)
    y = 0.5 * AREA[a] + sum(EXTRA[e] for e in ex) + size + sigma * rs.randn()
    return words, size, y


def encode(n):
    X = torch.zeros(n, len(WORDS) + 1)
    y = torch.zeros(n)
    for k in range(n):
        words, size, y[k] = listing()
        for w in words:
            X[k, W[w]] = 1.0
        X[k, -1] = size
    return X, y


Xa, ya = encode(2500)
Xb, yb = encode(700)


class MeanAndSpread(nn.Module):
    def __init__(self, n_in):
        super().__init__()
        self.mu = nn.Linear(n_in, 1)
        self.log_sigma = nn.Linear(n_in, 1)

    def forward(self, x):
        return self.mu(x).squeeze(-1), self.log_sigma(x).squeeze(-1).clamp(-5, 2)


def nll(mu, ls, y):
    return (ls + 0.5 * ((y - mu) / ls.exp()) ** 2).mean()    # without the constant; goes below zero


m = MeanAndSpread(Xa.shape[1])
opt = torch.optim.Adam(m.parameters(), lr=0.02)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=14 * math.ceil(2500 / 50))
for ep in range(14):
    tot = 0
    for idx in torch.randperm(len(Xa)).split(50):
        mu, ls = m(Xa[idx])
        loss = nll(mu, ls, ya[idx])
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        tot += loss.item() * len(idx)
    if ep % 3 == 1:
        with torch.no_grad():
            print(f"ep {ep:2d} train nll {tot / len(Xa):+.3f}  held-out nll {nll(*m(Xb), yb):+.3f}")

with torch.no_grad():
    mu, ls = m(Xb)
    r2 = 1 - ((yb - mu) ** 2).sum() / ((yb - yb.mean()) ** 2).sum()
    z = (yb - mu) / ls.exp()
    base = nll(ya.mean().expand_as(yb), ya.std().log().expand_as(yb), yb)
print(f"R2 {r2:.3f}   share within one sigma {(z.abs() < 1).float().mean():.3f} (ideal .683)   constant model nll {base:+.3f}")
