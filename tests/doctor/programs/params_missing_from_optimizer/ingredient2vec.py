#!/usr/bin/env python3
"""ingredient2vec: skip-gram with negative sampling over recipes, judged by what the nearest neighbours are."""
import argparse
import math

import numpy as np
import torch
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--dim", type=int, default=24)
parser.add_argument("--steps", type=int, default=1200)
parser.add_argument("--batch", type=int, default=512)
parser.add_argument("--negatives", type=int, default=6)
parser.add_argument("--lr", type=float, default=0.3)
parser.add_argument("--seed", type=int, default=13)
args = parser.parse_args()
rng = np.random.default_rng(args.seed)
torch.manual_seed(args.seed)

CUISINES, EACH, COMMON = 10, 28, 20
V = CUISINES * EACH + COMMON
shuffled = rng.permutation(V)
cuisine_of = np.full(V, -1)
for c in range(CUISINES):
    cuisine_of[shuffled[c * EACH:(c + 1) * EACH]] = c
members = [np.flatnonzero(cuisine_of == c) for c in range(CUISINES)]
staples = np.flatnonzero(cuisine_of == -1)


def recipe():
    c = rng.integers(CUISINES)
    n = int(rng.integers(4, 9))
    own = rng.choice(members[c], n, replace=False)
    alien = rng.integers(0, V, int(rng.integers(0, 3)))
    return np.concatenate([own, alien, rng.choice(staples, 2, replace=False)])


recipes = [recipe() for _ in range(2500)]
held = [recipe() for _ in range(400)]
pairs_of = lambda rs: torch.from_numpy(np.array([(a, b) for r in rs for a in r for b in r if a != b]))
pairs, held_pairs = pairs_of(recipes), pairs_of(held)
freq = torch.bincount(pairs[:, 0], minlength=V).double() ** 0.75
noise = torch.multinomial(freq, 200_000, replacement=True)

# as in word2vec.c: the input side starts uniform and small, the output side at zero
syn0 = ((torch.rand(V, args.dim) - 0.5) / args.dim).requires_grad_()
syn1 = torch.zeros(V, args.dim, requires_grad=True)


def nll(batch, negatives):
    v = syn0[batch[:, 0]]
    pos = (v * syn1[batch[:, 1]]).sum(1)
    neg = torch.einsum("bd,bkd->bk", v, syn1[negatives])
    return F.softplus(-pos).mean() + F.softplus(neg).sum(1).mean()


def neighbours():
    with torch.no_grad():
        u = F.normalize(syn0, dim=1)
        sims = u @ u.t()
        sims.fill_diagonal_(-2)
        near = sims.topk(5, dim=1).indices.numpy()
    own = cuisine_of >= 0
    return float((cuisine_of[near[own]] == cuisine_of[own][:, None]).mean())


# fault:
optimizer = torch.optim.Adagrad([syn0], lr=args.lr)
# mended:
# optimizer = torch.optim.Adagrad([syn0, syn1], lr=args.lr)
# end
for step in range(1, args.steps + 1):
    batch = pairs[torch.randint(len(pairs), (args.batch,))]
    negatives = noise[torch.randint(len(noise), (args.batch, args.negatives))]
    loss = nll(batch, negatives)
    for p in (syn0, syn1):
        p.grad = None
    loss.backward()
    optimizer.step()
    if step % 200 == 0:
        with torch.no_grad():
            h = held_pairs[torch.randint(len(held_pairs), (2000,))]
            hl = nll(h, noise[torch.randint(len(noise), (2000, args.negatives))]).item()
        print(f"step {step:5d}  loss {loss.item():.3f}  held-out {hl:.3f} (start {(1 + args.negatives) * math.log(2):.3f})  5-NN of the same cuisine {neighbours():.3f}")
