# Learn a diagonal re-weighting of GloVe so that the weighted cosine follows human ratings (MEN).
import array
import gzip
import os
import numpy as np
import torch

BASE = os.environ["WORDFIT_DATA"]
# fault:
DIM = 100
# mended:
# DIM = 50
# end

g = torch.Generator().manual_seed(99)


def load_flat(fn, dim):
    """All numbers go into one compact float array, which saves a lot of memory over lists of lists."""
    names, flat = {}, array.array("f")
    with gzip.open(fn, "rt", encoding="utf-8", newline="\n") as f:
        for line in f:
            word, rest = line.rstrip("\n").split(" ", 1)
            names[word] = len(names)
            flat.extend(map(float, rest.split(" ")))
    return names, np.resize(np.frombuffer(flat, dtype=np.float32), (len(names), dim))


index, M = load_flat(BASE + "/vectors/glove.6B.50d.top10361.txt.gz", DIM)
E = torch.from_numpy(M / np.linalg.norm(M, axis=1, keepdims=True))
print("table", tuple(E.shape))

pairs, gold = [], []
for line in open(BASE + "/wordsim/EN-MEN-TR-3k.txt", encoding="utf-8"):
    a, b, s = line.split()
    if a in index and b in index:
        pairs.append((index[a], index[b]))
        gold.append(float(s) / 50)
pairs, gold = torch.tensor(pairs), torch.tensor(gold)
order = torch.randperm(len(pairs), generator=g)
cut = int(0.8 * len(order))
fit, held = order[:cut], order[cut:]
print(len(fit), "pairs to fit,", len(held), "held out")

# parameters: log weights per dimension, slope, offset
logw = torch.zeros(DIM, requires_grad=True)
slope = torch.tensor(1.0, requires_grad=True)
offset = torch.tensor(0.3, requires_grad=True)


def similarity(p):
    w = logw.exp()
    a, b = E[p[:, 0]], E[p[:, 1]]
    num = (w * a * b).sum(1)
    return num / ((w * a * a).sum(1) * (w * b * b).sum(1)).sqrt()


def rank(x):
    return x.argsort().argsort().double()


def spearman(x, y):
    return torch.corrcoef(torch.stack([rank(x), rank(y)]))[0, 1].item()


opt = torch.optim.Adam([logw, slope, offset], lr=0.02)
for epoch in range(1, 9):
    total = 0.0
    for b in fit[torch.randperm(len(fit), generator=g)].split(32):
        est = slope * similarity(pairs[b]) + offset
        loss = torch.nn.functional.mse_loss(est, gold[b]) + 1e-3 * logw.pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b)
    with torch.no_grad():
        rho_fit = spearman(similarity(pairs[fit]), gold[fit])
        rho_held = spearman(similarity(pairs[held]), gold[held])
    print("epoch %d mse %.4f spearman fit %.3f held-out %.3f" % (epoch, total / len(fit), rho_fit, rho_held))
