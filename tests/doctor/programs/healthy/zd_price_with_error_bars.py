"""How much will this flea-market listing sell for, and how sure am I?

Mean and variance head, Gaussian negative log likelihood on log10 prices (so the number can go below zero).
"""
import math
import numpy as np
import torch
from torch import nn

g = np.random.default_rng(2)
torch.manual_seed(2)
THINGS = {f"thing{i}": g.normal(0, 0.35) for i in range(60)}
STATE = {"broken": -0.5, "scratched": -0.2, "used": 0.0, "good": 0.15, "mint": 0.4, "sealed": 0.6}
NOISY = {"unknown": 0.18, "untested": 0.25, "rare": 0.15}
FILL = [f"fill{i}" for i in range(40)]
WORDS = list(THINGS) + list(STATE) + list(NOISY) + FILL
IDX = {w: i for i, w in enumerate(WORDS)}

def listing():
    t, s = g.choice(list(THINGS)), g.choice(list(STATE))
    words, sigma = [t, s], 0.05
    if g.random() < 0.3:
        w = g.choice(list(NOISY))
        words.append(w)
        sigma = NOISY[w]
    words += list(g.choice(FILL, g.integers(2, 7)))
    return [IDX[w] for w in words], 1.3 + THINGS[t] + STATE[s] + sigma * g.normal()

data = [listing() for _ in range(2800)]
X = torch.zeros(len(data), len(WORDS))
for r, (ids, _) in enumerate(data):
    X[r, ids] = 1.0
y = torch.tensor([p for _, p in data], dtype=torch.float32)
Xa, ya, Xb, yb = X[:2200], y[:2200], X[2200:], y[2200:]
mu0 = ya.mean()

class Price(nn.Module):
    def __init__(self):
        super().__init__()
        self.mean = nn.Linear(len(WORDS), 1)
        self.logvar = nn.Linear(len(WORDS), 1)
        nn.init.zeros_(self.logvar.weight)
        nn.init.constant_(self.logvar.bias, math.log(0.1))
    def forward(self, x):
        return self.mean(x).squeeze(-1) + mu0, self.logvar(x).squeeze(-1).clamp(-8, 3)

model = Price()
opt = torch.optim.Adam(model.parameters(), lr=0.02)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 12)
nll = nn.GaussianNLLLoss()
for epoch in range(12):
    for ix in torch.randperm(len(ya)).split(64):
        m, lv = model(Xa[ix])
        loss = nll(m, ya[ix], lv.exp())
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    with torch.no_grad():
        (ma, la), (m, lv) = model(Xa), model(Xb)
        r2 = 1 - ((m - yb) ** 2).mean() / yb.var()
        cover = ((m - yb).abs() < 2 * (lv / 2).exp()).float().mean()
        print(f"epoch {epoch:2d}  nll train {nll(ma, ya, la.exp()):+.3f}  held-out {nll(m, yb, lv.exp()):+.3f}  R2 {r2:.3f}  within 2 sigma {cover:.3f}")
