#!/usr/bin/env python3
"""Rare-event text detection: 7 % of the messages are safety complaints.

Split first, then oversample the training part only; the decision threshold is chosen on dev for F1 and used once on
test. Average precision is reported beside it, as accuracy says nothing here.
"""
import numpy as np
import torch
from scipy.stats import rankdata
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

rng = np.random.default_rng(2024)
torch.manual_seed(2024)

N_WORDS, N, RATE = 140, 10000, 0.07
everyday = np.arange(1, 101)
hazard = np.arange(101, 126)          # smoke, sparks, burnt ...
brand = np.arange(126, 141)


def message(y):
    n = rng.integers(6, 15)
    w = rng.choice(everyday, n)
    if rng.random() < 0.5:
        w[rng.integers(n)] = rng.choice(brand)
    k = rng.integers(2, 5) if y else rng.choice([0, 0, 0, 0, 0, 1])
    w[rng.choice(n, k, replace=False)] = rng.choice(hazard, k)
    return w


labels = (rng.random(N) < RATE).astype(np.float32)
ids = np.zeros((N, 14), np.int64)
for i, y in enumerate(labels):
    m = message(y)
    ids[i, : len(m)] = m
assert len(np.unique(ids, axis=0)) == N
perm = rng.permutation(N)
parts = {"train": perm[:6000], "dev": perm[6000:8000], "test": perm[8000:]}
T = {k: (torch.from_numpy(ids[v]), torch.from_numpy(labels[v])) for k, v in parts.items()}
print({k: f"{int(y.sum())} of {len(y)}" for k, (_, y) in T.items()})

y = T["train"][1]
weights = torch.where(y > 0, 1 / y.sum(), 0.5 / (len(y) - y.sum()))       # one third positives
loader = DataLoader(TensorDataset(*T["train"]), batch_size=50,
                    sampler=WeightedRandomSampler(weights, num_samples=4000, replacement=True))


class Net(torch.nn.Module):
    def __init__(self, d=3, h=6):
        super().__init__()
        self.e = torch.nn.EmbeddingBag(N_WORDS + 1, d, mode="sum", padding_idx=0)
        torch.nn.init.normal_(self.e.weight, std=0.1)
        with torch.no_grad():
            self.e.weight[0] = 0
        self.f = torch.nn.Sequential(torch.nn.Dropout(0.2), torch.nn.Linear(d, h), torch.nn.ReLU(), torch.nn.Linear(h, 1))

    def forward(self, x):
        return self.f(self.e(x)).squeeze(1)


net = Net()
opt = torch.optim.Adam([
    {"params": net.e.parameters()},
    {"params": net.f.parameters(), "weight_decay": 1e-4},
], lr=8e-3)


def scores(part):
    net.eval()
    with torch.no_grad():
        return net(T[part][0]).numpy(), T[part][1].numpy()


def average_precision(s, t):
    t = t[np.argsort(-s, kind="stable")]
    return float(((np.cumsum(t) / np.arange(1, len(t) + 1)) * t).sum() / t.sum())


def auc(s, t):
    r = rankdata(s)
    p = t.sum()
    return float((r[t > 0].sum() - p * (p + 1) / 2) / (p * (len(t) - p)))


def f1(s, t, cut):
    hit = ((s >= cut) & (t > 0)).sum()
    return 2 * hit / max(1, (s >= cut).sum() + t.sum())


EPOCHS = 4
for ep in range(EPOCHS):
    net.train()
    opt.param_groups[0]["lr"] = opt.param_groups[1]["lr"] = 8e-3 * (1 - ep / EPOCHS)
    tot = 0.0
    for xb, yb in loader:
        loss = torch.nn.functional.binary_cross_entropy_with_logits(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / len(loader)
    (a, ta), (b, tb) = scores("train"), scores("dev")
    print(f"epoch {ep} loss {tot:.3f}  AP train {average_precision(a, ta):.3f} dev {average_precision(b, tb):.3f}")

s, t = scores("dev")
grid = np.quantile(s, np.linspace(0.85, 0.995, 60))
cut = max(grid, key=lambda c: f1(s, t, c))
u, v = scores("test")
print(f"threshold {cut:.2f} (logit): dev F1 {f1(s, t, cut):.3f}  test F1 {f1(u, v, cut):.3f}  AP {average_precision(u, v):.3f}  AUC {auc(u, v):.3f}")
