"""Recursive network over parse trees: is the boolean phrase true?

Trees are evaluated level by level, all nodes of one depth of all trees of the batch at once.
"""
import random
from collections import defaultdict

import torch
from torch import nn


def grow(depth, rng):
    """-> nested tuple and its truth value. Leaves are nouns of known truth."""
    if depth == 0 or rng.random() < 0.15:
        w = rng.choice(["yes", "true", "fact", "no", "false", "lie"])
        return w, w in ("yes", "true", "fact")
    if rng.random() < 0.25:
        t, v = grow(depth - 1, rng)
        return ("not", t), not v
    op = rng.choice(["and", "or", "xor"])
    (a, va), (b, vb) = grow(depth - 1, rng), grow(depth - 1, rng)
    return (op, a, b), {"and": va and vb, "or": va or vb, "xor": va != vb}[op]


LEAVES = {w: i for i, w in enumerate(["yes", "true", "fact", "no", "false", "lie"])}
OPS = {"and": 0, "or": 1, "xor": 2}


class Forest:
    """Flattens the trees of a batch into levels of (node, kind, children)."""

    def __init__(self, trees):
        self.levels = defaultdict(list)
        self.n = 0
        self.roots = [self.visit(t)[0] for t in trees]

    def visit(self, t):
        if isinstance(t, str):
            me, lev, item = self.new(), 0, (LEAVES[t],)
        elif t[0] == "not":
            c, cl = self.visit(t[1])
            me, lev, item = self.new(), cl + 1, ("not", c)
        else:
            (a, al), (b, bl) = self.visit(t[1]), self.visit(t[2])
            me, lev, item = self.new(), max(al, bl) + 1, (t[0], a, b)
        self.levels[lev].append((me, item))
        return me, lev

    def new(self):
        self.n += 1
        return self.n - 1


class TreeNet(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.d = d
        self.leaf = nn.Embedding(len(LEAVES), d)
        self.op = nn.Embedding(len(OPS), d)
        self.two = nn.Sequential(nn.Linear(3 * d, 48), nn.Tanh(), nn.Linear(48, d), nn.Tanh())
        self.one = nn.Sequential(nn.Linear(d, d), nn.Tanh())
        self.cls = nn.Linear(d, 1)

    def forward(self, forest):
        state = torch.zeros(forest.n, self.d)
        for lev in sorted(forest.levels):
            nodes = forest.levels[lev]
            if lev == 0:
                where = torch.tensor([m for m, _ in nodes])
                state = state.index_copy(0, where, self.leaf(torch.tensor([i for _, (i,) in nodes])).tanh())
                continue
            un = [(m, it) for m, it in nodes if it[0] == "not"]
            bi = [(m, it) for m, it in nodes if it[0] != "not"]
            if un:
                new = self.one(state[[it[1] for _, it in un]])
                state = state.index_copy(0, torch.tensor([m for m, _ in un]), new)
            if bi:
                o = self.op(torch.tensor([OPS[it[0]] for _, it in bi]))
                new = self.two(torch.cat([o, state[[it[1] for _, it in bi]], state[[it[2] for _, it in bi]]], 1))
                state = state.index_copy(0, torch.tensor([m for m, _ in bi]), new)
        return self.cls(state[forest.roots]).squeeze(-1)


def main():
    rng = random.Random(21)
    torch.manual_seed(21)
    bank = {}
    while len(bank) < 2400:
        t, v = grow(3, rng)
        if not isinstance(t, str):
            bank[t] = float(v)
    data = list(bank.items())
    rng.shuffle(data)
    train, test = data[:2000], data[2000:]
    net = TreeNet()
    opt = torch.optim.RMSprop(net.parameters(), lr=3e-3)
    sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.1, total_iters=8)
    bce = nn.BCEWithLogitsLoss()
    test_forest, ty = Forest([t for t, _ in test]), torch.tensor([v for _, v in test])
    base = max(ty.mean().item(), 1 - ty.mean().item())
    for epoch in range(8):
        rng.shuffle(train)
        tot, hit = 0.0, 0
        for k in range(0, len(train), 40):
            part = train[k:k + 40]
            y = torch.tensor([v for _, v in part])
            z = net(Forest([t for t, _ in part]))
            loss = bce(z, y)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_value_(net.parameters(), 0.5)
            opt.step()
            tot += loss.item() * len(y)
            hit += ((z > 0).float() == y).sum().item()
        sched.step()
        with torch.no_grad():
            z = net(test_forest)
        print(f"epoch {epoch} bce {tot / len(train):.4f} acc {hit / len(train):.3f} | unseen trees bce {bce(z, ty):.4f} "
              f"acc {((z > 0).float() == ty).float().mean():.3f} (majority {base:.3f})")


main()
