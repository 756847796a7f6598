# DeepSurv-style Cox model on simulated expression profiles (Breslow partial likelihood).
# The risk set of every event is taken over the mini-batch, so rows of a batch do talk to each other in the loss.
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(0)
torch.manual_seed(0)

n, genes = 2600, 30
X = rng.normal(size=(n, genes)).astype(np.float32)
risk = 1.2 * X[:, 0] - 0.9 * X[:, 1] + 1.0 * np.maximum(X[:, 2], 0) - 0.7 * np.abs(X[:, 3])
T = rng.exponential(np.exp(-risk))
C = rng.exponential(3.0, n)
time, event = np.minimum(T, C), (T <= C)
X, time, event = torch.tensor(X), torch.tensor(time), torch.tensor(event)
tr, va = slice(0, 2000), slice(2000, n)


def neg_partial_loglik(eta, t, e):
    order = torch.argsort(t, descending=True)
    eta, e = eta[order], e[order]
    return -(eta - torch.logcumsumexp(eta, 0))[e].mean()


def concordance(eta, t, e):
    earlier = (t[:, None] < t[None, :]) & e[:, None]
    diff = eta[:, None] - eta[None, :]
    return ((diff > 0).float() + 0.5 * (diff == 0).float())[earlier].mean().item()


net = nn.Sequential(nn.Linear(genes, 24), nn.SELU(), nn.Dropout(0.3), nn.Linear(24, 1, bias=False))
opt = torch.optim.Adam(net.parameters(), lr=4e-3, weight_decay=3e-3)
for epoch in range(10):
    net.train()
    tot = 0.0
    perm = torch.randperm(2000)
    for idx in perm.view(-1, 100):
        opt.zero_grad()
        loss = neg_partial_loglik(net(X[idx])[:, 0], time[idx], event[idx])
        loss.backward()
        opt.step()
        tot += loss.item()
    net.eval()
    with torch.no_grad():
        c = [concordance(net(X[s])[:, 0], time[s], event[s]) for s in (tr, va)]
    print(f"{epoch} npll {tot / 20:.3f} c-index train {c[0]:.3f} valid {c[1]:.3f}")
with torch.no_grad():
    print("oracle c-index", round(concordance(torch.tensor(risk[2000:]), time[va], event[va]), 3))
