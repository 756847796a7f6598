"""GloVe from the paper, no nn.Module, AdaGrad by hand.  Brown corpus, 700 words."""
import gzip
import os
from collections import Counter

import numpy as np
import torch

torch.manual_seed(1)
rs = np.random.RandomState(1)
V, D, WIN = 700, 12, 4
XMAX, ALPHA = 50.0, 0.75

with gzip.open(os.environ["WORDFIT_DATA"] + "/corpora/brown.txt.gz", "rt", encoding="utf-8") as fh:
    sents = [l.lower().split() for l in fh][:25000]
cnt = Counter(w for s in sents for w in s if w.isalpha())
vocab = [w for w, _ in cnt.most_common(V)]
w2i = {w: i for i, w in enumerate(vocab)}

# co-occurrences, weighted 1/distance; one long id stream with -1 for "not in vocabulary / sentence end"
stream = []
for s in sents:
    stream.extend(w2i.get(w, -1) for w in s)
    stream.extend([-1] * WIN)
stream = np.array(stream)
X = np.zeros((V, V))
for d in range(1, WIN + 1):
    a, b = stream[:-d], stream[d:]
    ok = (a >= 0) & (b >= 0)
    np.add.at(X, (a[ok], b[ok]), 1.0 / d)
X = X + X.T
ii, jj = np.nonzero(np.triu(X) > 0.6)
xx = X[ii, jj]
perm = rs.permutation(len(ii))
nval = len(perm) // 10
val, trn = perm[:nval], perm[nval:]
print(len(trn), "cells to fit,", nval, "held out")

ii, jj = torch.from_numpy(ii), torch.from_numpy(jj)
logx = torch.from_numpy(np.log(xx)).float()
wt = torch.from_numpy(np.minimum(1.0, (xx / XMAX) ** ALPHA)).float()

W = (0.1 * torch.randn(V, D)).requires_grad_()
b = torch.zeros(V, requires_grad=True)
mu = logx[trn].mean()                          # constant offset
theta = [W, b]
hist = [torch.full_like(p, 1e-6) for p in theta]


def predict(k):
    # symmetric version: words and contexts share one matrix
    return (W[ii[k]] * W[jj[k]]).sum(1) + b[ii[k]] + b[jj[k]] + mu


def r2(k):
    with torch.no_grad():
        k = torch.as_tensor(k)
        e = (wt[k] * (predict(k) - logx[k]) ** 2).sum()
        m = (wt[k] * logx[k]).sum() / wt[k].sum()
        return 1 - (e / (wt[k] * (logx[k] - m) ** 2).sum()).item()


eta, BS = 0.15, 1024
for epoch in range(8):
    total = 0.0
    if epoch == 6:
        eta = eta / 4
    order = torch.as_tensor(rs.permutation(trn))
    for s in range(0, len(order), BS):
        k = order[s:s + BS]
        J = 0.5 * (wt[k] * (predict(k) - logx[k]) ** 2).sum() / wt[k].sum() + 2e-3 * (W[ii[k]] ** 2 + W[jj[k]] ** 2).sum(1).mean()
        grads = torch.autograd.grad(J, theta)
        with torch.no_grad():
            for p, g, h in zip(theta, grads, hist):
                h += g * g
                p -= eta * g / h.sqrt()
        total += J.item() * len(k)
    print("epoch %d  J %.4f  R2 fit %.3f  R2 held out %.3f" % (epoch, total / len(order), r2(trn), r2(val)))

E = torch.nn.functional.normalize(W.detach(), dim=1)
for q in ["he", "two", "could", "house"]:
    near = (E @ E[w2i[q]]).topk(6).indices[1:]
    print(q, "->", " ".join(vocab[n] for n in near))
