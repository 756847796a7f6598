"""
Star ratings as soft positives: a five point review score is treated as the probability that the reviewer
liked the film, and fitted with binary cross entropy on one logit.
"""
import gzip, os
import numpy as np
import torch
from scipy.stats import spearmanr

torch.manual_seed(99)
base = os.environ["WORDFIT_DATA"]
vec = {}
for line in gzip.open(base + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8"):
    word, nums = line.split(" ", 1)
    vec[word] = np.array(nums.split(), dtype=np.float32)


def load(split):
    X, stars = [], []
    with open(f"{base}/sentiment/SST-5/stsa.fine.{split}", encoding="utf-8") as f:
        for line in f:
            s, text = line[0], line[2:].split()
            known = np.array([vec[t] for t in text if t in vec])
            if len(known) == 0:
                continue
            X.append(np.concatenate([known.mean(0), known.max(0), known.min(0)]))
            stars.append(int(s))
    return torch.tensor(np.array(X)), torch.tensor(stars, dtype=torch.float32)


Xtr, Str = load("train")
Xte, Ste = load("test")
mu, sd = Xtr.mean(0), Xtr.std(0)
Xtr, Xte = (Xtr - mu) / sd, (Xte - mu) / sd

# fault:
liking = lambda stars: stars
# mended:
# liking = lambda stars: stars / 4.0
# end

W1 = torch.nn.Parameter(torch.randn(150, 20) * 0.08)
b1 = torch.nn.Parameter(torch.zeros(20))
w2 = torch.nn.Parameter(torch.randn(20) * 0.2)
b2 = torch.nn.Parameter(torch.zeros(()))


def logit(X):
    return torch.tanh(X @ W1 + b1) @ w2 + b2


def report(X, S):
    with torch.no_grad():
        p = torch.sigmoid(logit(X)).numpy()
    s = S.numpy()
    return f"MAE in stars {np.abs(4 * p - s).mean():.3f}, rho {spearmanr(p, s)[0]:.3f}"


opt = torch.optim.Adam([W1, b1, w2, b2], lr=2e-3, weight_decay=1e-3)
print("always the mean:", f"MAE in stars {(Ste - Str.mean()).abs().mean():.3f}")
for epoch in range(6):
    total = 0.0
    for sel in torch.randperm(len(Xtr)).split(64):
        opt.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logit(Xtr[sel]), liking(Str[sel]))
        loss.backward()
        opt.step()
        total += loss.item() * len(sel)
    print(f"epoch {epoch} bce {total / len(Xtr):.4f} | train: {report(Xtr, Str)} | test: {report(Xte, Ste)}")
