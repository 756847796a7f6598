"""Customer reviews, logistic regression on tf-idf, full batch L-BFGS in double precision, bare tensors."""
import math
import os
import random
from collections import Counter

import numpy as np
import torch

ROOT = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "CR")
rows = []
for name, label in (("custrev.pos", 1), ("custrev.neg", 0)):
    with open(os.path.join(ROOT, name), encoding="latin-1") as f:
        rows += [(line.split(), label) for line in f if line.strip()]
rows = list({" ".join(t): (t, y) for t, y in rows}.values())
random.Random(0).shuffle(rows)
split = int(0.8 * len(rows))
train, test = rows[:split], rows[split:]

grams = lambda toks: set(toks) | {a + "_" + b for a, b in zip(toks, toks[1:])}
df = Counter(g for t, _ in train for g in grams(t))
feats = {g: i for i, g in enumerate(sorted(g for g, c in df.items() if c >= 3))}
idf = np.array([math.log(len(train) / df[g]) for g in feats])


def matrix(rows):
    m = np.zeros((len(rows), len(feats)))
    for i, (t, _) in enumerate(rows):
        for g in grams(t):
            if g in feats:
                m[i, feats[g]] = idf[feats[g]]
        m[i] /= max(np.linalg.norm(m[i]), 1e-12)
    return torch.from_numpy(m), torch.tensor([float(y) for _, y in rows], dtype=torch.float64)


X, y = matrix(train)
Xt, yt = matrix(test)
sign, sign_t = 2 * y - 1, 2 * yt - 1
w = torch.zeros(X.size(1), dtype=torch.float64, requires_grad=True)
b = torch.zeros((), dtype=torch.float64, requires_grad=True)
lam = 6e-4
opt = torch.optim.LBFGS([w, b], lr=1.0, max_iter=8, line_search_fn="strong_wolfe")


def objective():
    margin = sign * (X @ w + b)
    return torch.nn.functional.softplus(-margin).mean() + 0.5 * lam * w.dot(w)


def closure():
    opt.zero_grad()
    loss = objective()
    loss.backward()
    return loss


print(f"{len(train)} + {len(test)} reviews, {len(feats)} features, majority {max(yt.mean().item(), 1 - yt.mean().item()):.3f}")
for it in range(5):
    opt.step(closure)
    with torch.no_grad():
        tr, te = ((X @ w + b) * sign > 0).double().mean().item(), ((Xt @ w + b) * sign_t > 0).double().mean().item()
    print(f"iteration {8 * (it + 1):3d}  objective {objective().item():.5f}  |g| {w.grad.norm().item():.1e}  train {tr:.3f}  test {te:.3f}")
