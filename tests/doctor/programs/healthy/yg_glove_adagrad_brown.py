#!/usr/bin/env python
"""Training GloVe (Pennington et al. 2014) on the Brown corpus.

One tenth of the cells of the co-occurrence matrix is kept out to see whether the factorisation generalises.
"""
import collections
import gzip
import os
import numpy as np
import torch

torch.manual_seed(100)
VOC, WINDOW, RANK, X_MAX, ALPHA = 700, 5, 10, 60., 0.75


def cooccurrence(fname):
    sents = [l.lower().split() for l in gzip.open(fname, 'rt', encoding='utf-8').readlines()[:26000]]
    freq = collections.Counter(w for s in sents for w in s if w[0].isalpha())
    vocab = [w for w, _ in freq.most_common(VOC)]
    ix = {w: i for i, w in enumerate(vocab)}
    flat = np.array([ix.get(w, -1) for s in sents for w in s + ['</s>'] + ['</s>'] * (WINDOW - 1)])
    C = np.zeros((VOC, VOC))
    for k in range(1, WINDOW + 1):
        a, b = flat[:-k], flat[k:]
        ok = (a >= 0) & (b >= 0)
        np.add.at(C, (a[ok], b[ok]), 1. / k)
    return vocab, C + C.T


vocab, C = cooccurrence(os.path.join(os.environ['WORDFIT_DATA'], 'corpora', 'brown.txt.gz'))
# the matrix is symmetric: keep one triangle so a held-out cell has no mirror image in training
I, J = np.nonzero(np.triu(C) >= 1.0)
x = torch.tensor(C[I, J], dtype=torch.float)
I, J = torch.tensor(I), torch.tensor(J)
perm = torch.randperm(len(x))
held, fit = perm[:len(x) // 10], perm[len(x) // 10:]
print(f'{len(vocab)} words, {len(fit)} cells to fit, {len(held)} held out')

W = torch.empty(VOC, RANK).uniform_(-.5, .5).div_(RANK).requires_grad_()
U = torch.empty(VOC, RANK).uniform_(-.5, .5).div_(RANK).requires_grad_()
bw, bu = torch.zeros(VOC, requires_grad=True), torch.zeros(VOC, requires_grad=True)
c = torch.log(x[fit]).mean()
optimizer = torch.optim.Adagrad([W, U, bw, bu], lr=0.08)


def estimate(k):
    i, j = I[k], J[k]
    return (W[i] * U[j]).sum(1) + bw[i] + bu[j] + c


def weight(k):
    return (x[k] / X_MAX).clamp(max=1) ** ALPHA


def r2(k):
    with torch.no_grad():
        t, f = x[k].log(), weight(k)
        mean = (f * t).sum() / f.sum()
        return 1 - (f * (t - estimate(k)) ** 2).sum() / (f * (t - mean) ** 2).sum()


for epoch in range(8):
    loss_sum = 0.
    for k in fit[torch.randperm(len(fit))].split(512):
        loss = (weight(k) * (estimate(k) - x[k].log()) ** 2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss_sum += loss.item()
    print(f'iter {epoch + 1}: cost {loss_sum / len(fit):.4f}   R2 fit {r2(fit):.3f}  held-out {r2(held):.3f}')

with torch.no_grad():
    V = torch.nn.functional.normalize(W + U, dim=1)
    for probe in ('he', 'could', 'two', 'year'):
        print(probe, '->', ' '.join(vocab[i] for i in (V @ V[vocab.index(probe)]).topk(6).indices[1:]))
