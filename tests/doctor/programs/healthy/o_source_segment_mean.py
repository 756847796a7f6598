#!/usr/bin/env python3
"""Newswire, encyclopedia or film review?  Some thirty-five words, one guess.

The bag mean is an autograd.Function with its own backward (port from a CUDA kernel of ours); the gradcheck
below keeps us honest.
"""
import argparse
import gzip
import os
import re
from collections import Counter

import numpy as np
import torch
import torch.nn as nn

ap = argparse.ArgumentParser()
ap.add_argument("--per-class", type=int, default=2300)
ap.add_argument("--dim", type=int, default=16)
ap.add_argument("--epochs", type=int, default=3)
ap.add_argument("--seed", type=int, default=3)
args = ap.parse_args()
torch.manual_seed(args.seed)
rng = np.random.default_rng(args.seed)


class SegmentMean(torch.autograd.Function):
    """values (N, D), segment (N,) -> (S, D), each row the mean of its segment."""

    @staticmethod
    def forward(ctx, values, segment, n_segments):
        counts = torch.bincount(segment, minlength=n_segments).clamp(min=1).to(values.dtype)
        out = values.new_zeros(n_segments, values.shape[1]).index_add_(0, segment, values)
        ctx.save_for_backward(segment, counts)
        return out / counts[:, None]

    @staticmethod
    def backward(ctx, grad):
        segment, counts = ctx.saved_tensors
        return (grad / counts[:, None])[segment], None, None


assert torch.autograd.gradcheck(lambda v: SegmentMean.apply(v, torch.tensor([0, 0, 1, 2, 2]), 3),
                                torch.randn(5, 2, dtype=torch.double, requires_grad=True))

SOURCES = ["reuters-21578-bodies", "enwiki-2018-sample", "imdb-unsup-25k"]
word = re.compile(r"[a-z]+")


def sentences(name, n):
    seen, out = set(), []
    with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "corpora", name + ".txt.gz"), "rt", encoding="utf8") as f:
        for i, row in enumerate(f):
            if name.startswith('en') and i % 4:                       # spread over more documents
                continue
            toks = word.findall(row.replace("<br />", " ").lower())[:35]
            if len(toks) >= 6 and tuple(toks) not in seen:
                seen.add(tuple(toks))
                out.append(toks)
                if len(out) == n:
                    return out
    return out


docs, labels = [], []
for c, s in enumerate(SOURCES):
    got = sentences(s, args.per_class)
    docs += got
    labels += [c] * len(got)
perm = rng.permutation(len(docs))
n_test = len(docs) // 5
test_idx, train_idx = perm[:n_test], perm[n_test:]
counts = Counter(w for i in train_idx for w in docs[i])
vocab = {w: i + 1 for i, (w, c) in enumerate(counts.most_common()) if c >= 8}     # 0 = everything rare


def batch(idx):
    ids = [[vocab.get(w, 0) for w in docs[i]] for i in idx]
    seg = torch.tensor([k for k, d in enumerate(ids) for _ in d])
    return torch.tensor([w for d in ids for w in d]), seg, len(ids), torch.tensor([labels[i] for i in idx])


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.empty(len(vocab) + 1, args.dim).uniform_(-.1, .1))
        self.drop = nn.Dropout(.5)
        self.top = nn.Linear(args.dim, len(SOURCES))

    def forward(self, w, seg, n):
        return self.top(self.drop(SegmentMean.apply(self.table[w], seg, n)))


model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=1.5e-2, weight_decay=1e-5)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=args.epochs)


@torch.no_grad()
def accuracy(idx):
    model.eval()
    w, s, n, y = batch(idx)
    return (model(w, s, n).argmax(1) == y).float().mean().item()


for e in range(args.epochs):
    model.train()
    losses = []
    for chunk in np.array_split(rng.permutation(train_idx), 70):
        w, s, n, y = batch(chunk)
        loss = nn.functional.cross_entropy(model(w, s, n), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    sched.step()
    print(f"epoch {e + 1}/{args.epochs} loss {np.mean(losses):.3f} train {accuracy(train_idx):.3f} test {accuracy(test_idx):.3f}")
