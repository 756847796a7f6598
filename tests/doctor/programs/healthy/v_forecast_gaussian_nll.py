# Predict the "reading time" of a text: mean and spread, Gaussian likelihood.
import math
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(9)
rng = np.random.default_rng(9)

V = 60
cost = rng.uniform(0.2, 1.0, V)                  # seconds per word, unknown to the model
noisy = rng.uniform(0.01, 0.05, V)               # some words vary more between readers
def sample(n):
    lens = rng.integers(5, 20, n)
    X = np.zeros((n, V), dtype="float32"); t = np.zeros(n)
    for i, L in enumerate(lens):
        w = rng.integers(0, V, L)
        np.add.at(X[i], w, 1.0)
        t[i] = cost[w].mean() + math.sqrt((noisy[w] ** 2).sum()) / L * rng.standard_normal()
        X[i] /= L
    return torch.from_numpy(X), torch.tensor(t, dtype=torch.float32)

xtr, ttr = sample(3000)
xva, tva = sample(600)
mu, sd = ttr.mean(), ttr.std()

body = nn.Linear(V, 2)
nn.init.zeros_(body.weight); nn.init.zeros_(body.bias)
opt = torch.optim.Adam(body.parameters(), lr=0.05)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.08, total_steps=8 * math.ceil(3000 / 50))

def nll(x, t):
    m, logv = body(x).unbind(-1)
    m = m * sd + mu
    logv = logv.clamp(-12, 2)
    return 0.5 * (logv + (t - m) ** 2 / logv.exp()).mean(), m

for epoch in range(8):
    run = 0.0
    for b in torch.randperm(3000).split(50):
        loss, _ = nll(xtr[b], ttr[b])
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(body.parameters(), 5.0)
        opt.step(); sched.step()
        run += loss.item() * len(b)
    with torch.no_grad():
        v, m = nll(xva, tva)
    r2 = 1 - ((m - tva) ** 2).sum() / ((tva - tva.mean()) ** 2).sum()
    print(f"epoch {epoch + 1}  train nll {run / 3000:+.3f}  valid nll {v:+.3f}  valid R2 {r2:.3f}")
