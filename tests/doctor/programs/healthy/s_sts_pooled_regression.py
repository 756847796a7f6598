"""STS-B, German: predict the similarity score (0-5) from features of two bags of character n-grams.

All features are computed once, before training (pooled, compared, standardised); the model is a small network on a
matrix, trained on the full batch with L-BFGS and an explicit L2 term.
"""
import csv
import gzip
import math
import os
import re
from collections import Counter

import numpy as np
import torch
from scipy.stats import pearsonr, spearmanr

folder = os.path.join(os.environ["WORDFIT_DATA"], "glue", "STS-B-multilingual")


def pairs(split, limit):
    with gzip.open(os.path.join(folder, f"stsb-de-{split}.csv.gz"), "rt", encoding="utf-8", newline="") as f:
        rows = [(a.lower(), b.lower(), float(s)) for a, b, s in csv.reader(f)]
    np.random.RandomState(0).shuffle(rows)
    return rows[:limit]


train, test = pairs("train", 1400), pairs("test", 500)


def grams(s, n):
    s = " " + re.sub(r"\W+", " ", s).strip() + " "
    return Counter(s[i:i + n] for i in range(len(s) - n + 1)) if n else Counter(s.split())


df = {n: Counter(g for a, b, _ in train for s in (a, b) for g in grams(s, n)) for n in (0, 3, 4)}
N = 2 * len(train)


def idf(n, g):
    return math.log((N + 1) / (df[n][g] + 1)) + 0.1


def features(a, b):
    out = []
    for n in (0, 3, 4):
        x, y = grams(a, n), grams(b, n)
        both = sum(idf(n, g) for g in x.keys() & y.keys())
        left = sum(idf(n, g) for g in x)
        right = sum(idf(n, g) for g in y)
        out += [both / (left + right - both), both / min(left, right), both / max(left, right)]
    la, lb = len(a.split()), len(b.split())
    out += [abs(la - lb) / max(la, lb), math.log(la + lb), float(("nicht" in a) != ("nicht" in b))]
    out.append(len(set(re.findall(r"\d+", a)) ^ set(re.findall(r"\d+", b))))
    return out


def matrix(rows):
    return (torch.tensor([features(a, b) for a, b, _ in rows], dtype=torch.float64),
            torch.tensor([s for *_, s in rows], dtype=torch.float64))


X, y = matrix(train)
Xt, yt = matrix(test)
mean, std = X.mean(0), X.std(0).clamp(min=1e-6)
X, Xt = (X - mean) / std, (Xt - mean) / std
centre = y.mean()

torch.manual_seed(4)
net = torch.nn.Sequential(torch.nn.Linear(X.size(1), 8), torch.nn.Tanh(), torch.nn.Linear(8, 1)).double()
opt = torch.optim.LBFGS(net.parameters(), lr=1.0, max_iter=15, line_search_fn="strong_wolfe")


def closure():
    opt.zero_grad()
    fit = (net(X).squeeze(-1) + centre - y).square().mean()
    penalty = 3e-3 * sum(w.square().sum() for w in net.parameters() if w.dim() > 1)
    (fit + penalty).backward()
    return fit + penalty


for outer in range(4):
    objective = opt.step(closure)
    with torch.no_grad():
        a, b = net(X).squeeze(-1) + centre, net(Xt).squeeze(-1) + centre
    print(f"iteration {15 * (outer + 1):3d}  objective before {objective.item():.4f}  mse train {(a - y).square().mean():.3f} "
          f"test {(b - yt).square().mean():.3f}  pearson train {pearsonr(a, y)[0]:.3f} test {pearsonr(b, yt)[0]:.3f}")
print(f"spearman test {spearmanr(b.numpy(), yt.numpy())[0]:.3f}   variance of the test scores {yt.var().item():.3f}")
