"""Linear probe on frozen GloVe sentence means, nested cross-validation over the L2 strength (LBFGS, full batch)."""
import gzip
import os
import numpy as np
import torch
import torch.nn.functional as F

ROOT = os.environ["WORDFIT_DATA"]
torch.manual_seed(13)
rng = np.random.RandomState(13)


def load_vectors():
    vec = {}
    with gzip.open(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
        for line in fh:
            w, rest = line.rstrip("\n").split(" ", 1)
            vec[w] = np.array(rest.split(" "), dtype=np.float32)
    return vec


def load_split(name, seen):
    rows = []
    for line in open(f"{ROOT}/sentiment/SST-2-sentences/stsa.binary.{name}", encoding="utf-8", errors="replace"):
        y, s = line.strip().split(" ", 1)
        if s not in seen:
            seen.add(s)
            rows.append((s.split(), int(y)))
    return rows


def represent(rows, vec):
    X, y = [], []
    for toks, lab in rows:
        vs = [vec[t] for t in toks if t in vec]
        if vs:
            X.append(np.mean(vs, 0))
            y.append(lab)
    return torch.from_numpy(np.stack(X)), torch.tensor(y, dtype=torch.float32)


def fit_probe(X, y, l2):
    w = torch.zeros(X.shape[1], requires_grad=True)
    b = torch.zeros((), requires_grad=True)
    opt = torch.optim.LBFGS([w, b], max_iter=25, history_size=10, line_search_fn="strong_wolfe")

    def closure():
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(X @ w + b, y) + l2 * w.pow(2).sum()
        loss.backward()
        return loss

    final = opt.step(closure)
    return w.detach(), b.detach(), final.item()


def acc(probe, X, y):
    return ((X @ probe[0] + probe[1] > 0).float() == y).float().mean().item()


def standardise(train, *others):
    mu, sd = train.mean(0), train.std(0)
    return [(m - mu) / sd for m in (train,) + others]


seen = set()
vec = load_vectors()
Xall, yall = represent(load_split("train", seen), vec)
Xte, yte = represent(load_split("test", seen), vec)
order = rng.permutation(len(Xall))
outer = np.array_split(order, 4)
grid = [1e-4, 1e-3, 1e-2, 1e-1]
scores, picked = [], []
for k in range(4):
    dev = outer[k]
    trn = np.concatenate([outer[j] for j in range(4) if j != k])
    inner = np.array_split(trn, 3)
    table = []
    for l2 in grid:
        s = []
        for m in range(3):
            a = np.concatenate([inner[j] for j in range(3) if j != m])
            xa, xb = standardise(Xall[a], Xall[inner[m]])
            s.append(acc(fit_probe(xa, yall[a], l2), xb, yall[inner[m]]))
        table.append(np.mean(s))
    best = grid[int(np.argmax(table))]
    xa, xb = standardise(Xall[trn], Xall[dev])
    p = fit_probe(xa, yall[trn], best)
    scores.append(acc(p, xb, yall[dev]))
    picked.append(best)
    print(f"outer fold {k}: l2={best:g} objective {p[2]:.4f} train acc {acc(p, xa, yall[trn]):.3f} held-out acc {scores[-1]:.3f}")
print(f"nested CV accuracy {np.mean(scores):.3f} +- {np.std(scores):.3f}")
l2 = max(set(picked), key=picked.count)
xa, xb = standardise(Xall, Xte)
p = fit_probe(xa, yall, l2)
print(f"test accuracy with l2={l2:g}: {acc(p, xb, yte):.3f} (majority {max(yte.mean().item(), 1 - yte.mean().item()):.3f})")
