# How sour will it get? pH of a ferment from its protocol, mean and spread learned together (Gaussian likelihood), plain tensors, momentum by hand.
import math

import numpy as np
import torch

rng = np.random.default_rng(101)
gen = torch.Generator().manual_seed(101)
STEPS = ("cabbage carrot beet cucumber garlic ginger chili milk kefir rye wheat apple honey salt brine sugar warm cool sealed open stirred "
         "short long overnight week starter wild rinsed whole chopped grated pressed dill caraway").split()
V = len(STEPS)
shift = rng.normal(0, 0.012, V)
noisy = {STEPS.index(w): 1.2 for w in ("wild", "open", "long")}

docs, ph = [], []
for _ in range(4000):
    d = rng.choice(V, rng.integers(4, 11), replace=False)
    sigma = 0.012 * math.exp(sum(noisy.get(int(i), 0.0) for i in d) * 0.6)
    docs.append(d)
    ph.append(0.38 + shift[d].sum() + rng.normal(0, sigma))       # in units of 10 pH
X = torch.zeros(4000, V)
for i, d in enumerate(docs):
    X[i, d] = 1.0
y = torch.tensor(ph, dtype=torch.float32)
Xt, yt, Xd, yd = X[:3400], y[:3400], X[3400:], y[3400:]

H = 24
params = [torch.randn(V, H, generator=gen) / math.sqrt(8), torch.zeros(H), torch.randn(H, 2, generator=gen) * 0.1, torch.tensor([0.38, -2.5])]
for p in params:
    p.requires_grad_(True)
speed = [torch.zeros_like(p) for p in params]


def predict(x):
    h = torch.tanh(x @ params[0] + params[1])
    out = h @ params[2] + params[3]
    return out[:, 0], out[:, 1]              # mean, log of the deviation


def nll(x, t):
    mu, log_s = predict(x)
    return (log_s + 0.5 * ((t - mu) * torch.exp(-log_s)) ** 2 + 0.5 * math.log(2 * math.pi)).mean()


base = yt.std().item()
print(f"always the mean: nll {math.log(base) + 0.5 + 0.5 * math.log(2 * math.pi):.3f}")
lr = 3e-3
for epoch in range(39):
    total = 0.0
    if epoch in (26, 33):
        lr *= 0.3
    for idx in torch.randperm(len(Xt), generator=gen).split(50):
        loss = nll(Xt[idx], yt[idx])
        grads = torch.autograd.grad(loss, params)
        norm = math.sqrt(sum(float(g.pow(2).sum()) for g in grads))
        with torch.no_grad():
            for p, g, s in zip(params, grads, speed):
                s.mul_(0.9).add_(g * min(1.0, 2.0 / (norm + 1e-9)))
                p.sub_(lr * s)
        total += loss.item()
    if epoch % 3 == 2:
        with torch.no_grad():
            mu, log_s = predict(Xd)
            r2 = 1 - ((mu - yd) ** 2).mean() / yd.var()
            inside = ((yd - mu).abs() < 1.645 * log_s.exp()).float().mean()
        print(f"epoch {epoch + 1:2d} train nll {total / 68:.3f} dev nll {nll(Xd, yd):.3f} R2 {r2:.3f} inside the 90% band {inside:.3f}")
