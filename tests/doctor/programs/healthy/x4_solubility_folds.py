"""Out-of-fold predictions for a made-up solubility table: molecules as strings, counts of fragments, small MLP.

3 folds, a fresh net in each; early stopping on a slice of the training part, best weights restored.
"""
import copy
import re

import numpy as np
import torch
from sklearn.model_selection import KFold
from torch import nn

rng = np.random.default_rng(1)
FRAGMENTS = ["C", "c", "O", "N", "F", "Cl", "S", "(=O)", "[nH]", "#N"]
EFFECT = np.array([-.35, -.45, .9, .6, -.2, -.7, -.4, .5, .7, .3])


def molecule():
    return "".join(rng.choice(FRAGMENTS, size=rng.integers(4, 15), p=[.3, .2, .1, .08, .06, .06, .05, .07, .04, .04]))


def counts(s):
    toks = re.findall(r"\(=O\)|\[nH\]|#N|Cl|.", s)
    return [toks.count(f) for f in FRAGMENTS]


smiles = [molecule() for _ in range(1800)]
X = np.array([counts(s) for s in smiles], dtype=np.float32)
y = X @ EFFECT - .8 * np.maximum(X[:, 0] + X[:, 1] - 6, 0) + .5 * np.minimum(X[:, 2], 2) * (X[:, 3] > 0)
y = (y + rng.normal(0, .3, len(y))).astype(np.float32)
# the same formula may come up twice: keep the first, so that no fold sees a twin
_, first = np.unique(X, axis=0, return_index=True)
first = np.sort(first)
X, y = X[first], y[first]
print("molecules", len(y), " sd of log S %.2f" % y.std())


def rmse(net, x, t):
    net.eval()
    with torch.no_grad():
        return ((net(x)[:, 0] - t) ** 2).mean().sqrt().item()


def fit(xt, yt, xv, yv, seed, patience=5, most=30):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(X.shape[1], 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
    opt = torch.optim.Adam(net.parameters(), lr=8e-3)
    best, kept, bad = float("inf"), None, 0
    for epoch in range(most):
        net.train()
        for ix in torch.randperm(len(xt)).split(64):
            opt.zero_grad()
            nn.functional.mse_loss(net(xt[ix])[:, 0], yt[ix]).backward()
            opt.step()
        now = rmse(net, xv, yv)
        if now < best:
            best, kept, bad = now, copy.deepcopy(net.state_dict()), 0
        else:
            bad += 1
            if bad > patience:
                break
    net.load_state_dict(kept)
    return net, epoch


oof = np.zeros_like(y)
for fold, (tr, te) in enumerate(KFold(3, shuffle=True, random_state=0).split(X)):
    mean, sd = X[tr].mean(0), X[tr].std(0) + 1e-6
    ym, ys = y[tr].mean(), y[tr].std()
    z = torch.from_numpy((X - mean) / sd)
    t = torch.from_numpy((y - ym) / ys)
    stop, learn = tr[::10], np.setdiff1d(tr, tr[::10])
    net, epochs = fit(z[learn], t[learn], z[stop], t[stop], seed=fold)
    with torch.no_grad():
        oof[te] = net(z[te])[:, 0].numpy() * ys + ym
    print(f"fold {fold}: {epochs + 1} epochs, train rmse {rmse(net, z[learn], t[learn]) * ys:.3f}, "
          f"out of fold {np.sqrt(((oof[te] - y[te]) ** 2).mean()):.3f}")
print("R2 out of fold %.3f  (noise alone allows %.3f)" % (1 - ((oof - y) ** 2).mean() / y.var(), 1 - .09 / y.var()))
