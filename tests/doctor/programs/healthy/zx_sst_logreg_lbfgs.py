"""Bag-of-vectors logistic regression on SST-2, fitted by L-BFGS on the full batch.

Convex, so there are no epochs, no schedule and no batches: forty iterations and it is done.
"""
import gzip
import os

import numpy as np
import torch

torch.manual_seed(1)
root = os.environ["WORDFIT_DATA"]


def read_split(part):
    sents, gold = [], []
    for line in open(f"{root}/sentiment/SST-2-sentences/stsa.binary.{part}", encoding="utf-8"):
        y, s = line.rstrip("\n").split(" ", 1)
        sents.append(s.lower().split())
        gold.append(int(y))
    return sents, np.array(gold)


train_s, train_y = read_split("train")
dev_s, dev_y = read_split("dev")
test_s, test_y = read_split("test")
needed = {w for part in (train_s, dev_s, test_s) for s in part for w in s}


def read_word2vec(path):
    """text format with a header; only the words that occur here are parsed"""
    out = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        n, dim = map(int, f.readline().split())
        for line in f:
            w, nums = line.rstrip("\n").split(" ", 1)
            if w in needed:
                out[w] = np.array(nums.split(), dtype=np.float32)
    return out, dim


w2v, dim = read_word2vec(f"{root}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz")


def featurise(sents):
    """mean of the words that have a vector; zeros where a sentence has none"""
    X = np.zeros((len(sents), dim), dtype=np.float32)
    for i, s in enumerate(sents):
        m = [w2v[w] for w in s if w in w2v]
        if m:
            X[i] = np.mean(m, axis=0)
    return X


Xtr, Xdv, Xte = map(featurise, (train_s, dev_s, test_s))
mu, sd = Xtr.mean(0), Xtr.std(0) + 1e-6
Xtr, Xdv, Xte = (torch.from_numpy((x - mu) / sd) for x in (Xtr, Xdv, Xte))
ytr = torch.from_numpy(train_y).float()


def fit(C):
    w = torch.zeros(Xtr.shape[1], requires_grad=True)
    b = torch.zeros((), requires_grad=True)
    opt = torch.optim.LBFGS([w, b], lr=1, max_iter=40, history_size=10, line_search_fn="strong_wolfe")
    trace = []

    def closure():
        opt.zero_grad()
        nll = torch.nn.functional.binary_cross_entropy_with_logits(Xtr @ w + b, ytr)
        # the intercept is not penalised
        obj = nll + w.square().sum() / (2 * C * len(ytr))
        obj.backward()
        trace.append(obj.item())
        return obj

    opt.step(closure)
    return w.detach(), b.detach(), trace


def acc(X, y, w, b):
    return float((((X @ w + b) > 0).numpy() == y).mean())


best = None
for C in (0.001, 0.01, 0.1):
    w, b, trace = fit(C)
    d = acc(Xdv, dev_y, w, b)
    print(f"C={C:<6} objective {trace[0]:.4f} -> {trace[-1]:.4f} in {len(trace)} evaluations   "
          f"train {acc(Xtr, train_y, w, b):.3f} dev {d:.3f}")
    if best is None or d > best[0]:
        best = (d, w, b, C)
_, w, b, C = best
print(f"chosen C={C}: test accuracy {acc(Xte, test_y, w, b):.4f}")
