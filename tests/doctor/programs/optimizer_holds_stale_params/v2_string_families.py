# string_families.py -- which of four string families does a random string belong to?
# functional style: a dict of tensors, a pure apply(), nothing from torch.nn but the losses
import math
import random

import torch
from torch.nn import functional as fn

random.seed(3)
torch.manual_seed(3)
ALPHA = "abcdefgh"
V, D, H, L = len(ALPHA) + 1, 12, 48, 12


def grammar(kind):
    """0: repeats a letter, 1: walks upwards, 2: walks downwards, 3: alternates two letters; all of them with slips"""
    n, out = random.randint(7, L), []
    a, b = random.sample(range(8), 2)
    for t in range(n):
        if random.random() < 0.12:
            out.append(random.randrange(8))
        else:
            out.append([a, (a + t) % 8, (a - t) % 8, (a, b)[t % 2]][kind])
    return out


def dataset(n):
    kinds = [random.randrange(4) for _ in range(n)]
    ids = torch.zeros(n, L, dtype=torch.long)
    for row, k in zip(ids, kinds):
        s = grammar(k)
        row[:len(s)] = torch.tensor(s) + 1
    return ids, torch.tensor(kinds)


def init():
    p = {"tab": torch.randn(V, D), "w1": torch.randn(2 * D, H), "b1": torch.zeros(H), "w2": torch.randn(H, 4), "b2": torch.zeros(4)}
    return {k: v.requires_grad_() for k, v in p.items()}


def rescale(p):
    """fan-in scaling, as in He et al."""
    return {k: (v.detach() * math.sqrt(2 / v.shape[0]) if k[0] == "w" else v.detach() * 0.5).requires_grad_() for k, v in p.items()}


def apply(p, ids):
    live = (ids > 0).float()
    e = p["tab"][ids]
    pair = torch.cat([e[:, :-1], e[:, 1:]], -1)              # (B, L-1, 2D)
    both = (live[:, :-1] * live[:, 1:]).unsqueeze(-1)
    h = fn.relu(pair @ p["w1"] + p["b1"]) * both
    h = h.sum(1) / both.sum(1)
    return h @ p["w2"] + p["b2"]


def main():
    xtr, ytr = dataset(2000)
    xte, yte = dataset(500)
    # fault:
    params = init()
    opt = torch.optim.Adam(params.values(), lr=1e-2)
    params = rescale(params)
    # mended:
    # params = rescale(init())
    # opt = torch.optim.Adam(params.values(), lr=1e-2)
    # end
    for epoch in range(6):
        tot = 0.
        for sel in torch.randperm(len(xtr)).split(50):
            loss = fn.cross_entropy(apply(params, xtr[sel]), ytr[sel])
            for p in params.values():
                p.grad = None
            loss.backward()
            opt.step()
            tot += loss.item() * len(sel)
        with torch.no_grad():
            a = (apply(params, xtr).argmax(1) == ytr).float().mean()
            b = (apply(params, xte).argmax(1) == yte).float().mean()
        print("epoch %d  nll %.4f  acc %.3f / %.3f" % (epoch, tot / len(xtr), a, b))


if __name__ == "__main__":
    main()
