"""Learn a metric on GloVe vectors from human relatedness scores (MEN); full batch, L-BFGS."""
import gzip
import os

import numpy as np
import torch
from scipy.stats import spearmanr

root = os.environ["WORDFIT_DATA"]
torch.manual_seed(0)

with gzip.open(f"{root}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    glove = {w: r for w, r in (line.split(" ", 1) for line in f)}
pairs = []
with open(f"{root}/wordsim/EN-MEN-TR-3k.txt", encoding="utf-8") as f:
    for line in f:
        a, b, s = line.split()
        if a in glove and b in glove:
            pairs.append((a, b, float(s)))
words = sorted({w for a, b, _ in pairs for w in (a, b)})
pos = {w: i for i, w in enumerate(words)}
V = torch.tensor(np.array([glove[w].split() for w in words], dtype=np.float64))
V = V - V.mean(0)
V = V / V.norm(dim=1, keepdim=True)

order = np.random.default_rng(1).permutation(len(pairs))
A = torch.tensor([pos[pairs[i][0]] for i in order])
B = torch.tensor([pos[pairs[i][1]] for i in order])
y = torch.tensor([pairs[i][2] for i in order], dtype=torch.float64)
n = int(0.75 * len(y))
mu, sd = y[:n].mean(), y[:n].std()
y = (y - mu) / sd
print(len(words), "words,", n, "pairs to train on,", len(y) - n, "held out")

W = torch.eye(50, dtype=torch.float64).requires_grad_()
scale = torch.ones(1, dtype=torch.float64, requires_grad=True)
shift = torch.zeros(1, dtype=torch.float64, requires_grad=True)


def score(a, b):
    u, v = V[a] @ W, V[b] @ W
    return scale * torch.cosine_similarity(u, v) + shift


def objective():
    fit = (score(A[:n], B[:n]) - y[:n]).pow(2).mean()
    return fit + 0.05 * (W - torch.eye(50, dtype=torch.float64)).pow(2).sum()


def report(tag):
    with torch.no_grad():
        s = score(A, B)
    print(f"{tag:>8}: objective {objective().item():.4f}  spearman train {spearmanr(s[:n], y[:n])[0]:.3f}  held out {spearmanr(s[n:], y[n:])[0]:.3f}"
          f"  mse held out {(s[n:] - y[n:]).pow(2).mean().item():.3f}")


optimizer = torch.optim.LBFGS([W, scale, shift], lr=1, max_iter=10, history_size=10, line_search_fn="strong_wolfe")


def closure():
    optimizer.zero_grad()
    loss = objective()
    loss.backward()
    return loss


report("cosine")
for step in range(3):
    optimizer.step(closure)
    report(f"step {step + 1}")
