"""Does a rule grant access?  Complete rule trees (8 facts, 7 connectives) are folded bottom-up, one cell per level.

    python rules.py
"""
import itertools
import torch
from torch import nn, optim

torch.manual_seed(21)
OPS = ["and", "or", "unless", "first"]        # a unless b = a and not b;  first = the left side
LEAVES = ["allow", "deny"]


def apply(op, a, b):
    return [a & b, a | b, a & (1 - b), a][op]


def sample(n):
    leaves = torch.randint(0, 2, (n, 8))
    ops = torch.randint(0, 4, (n, 7))
    labels = []
    for l, o in zip(leaves.tolist(), ops.tolist()):
        vals, k = l, 0
        while len(vals) > 1:
            nxt = []
            for a, b in zip(vals[0::2], vals[1::2]):
                nxt.append(apply(o[k], a, b))
                k += 1
            vals = nxt
        labels.append(vals[0])
    return ops, leaves, torch.tensor(labels)


def balanced(n):
    ops, leaves, y = sample(6 * n)
    pos, neg = (y == 1).nonzero().squeeze(1)[: n // 2], (y == 0).nonzero().squeeze(1)[: n // 2]
    keep = torch.cat([pos, neg])
    return ops[keep], leaves[keep], y[keep]


class Cell(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.inner = nn.Linear(3 * d, 4 * d)
        self.outer = nn.Linear(4 * d, d)

    def forward(self, op, left, right):
        return torch.tanh(self.outer(torch.relu(self.inner(torch.cat([op, left, right], -1)))))


class TreeFold(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.facts = nn.Embedding(len(LEAVES), d)
        self.ops = nn.Embedding(len(OPS), d)
        self.cells = nn.ModuleList(Cell(d) for _ in range(3))
        self.answer = nn.Linear(d, 2)
        self.levels = []

    def forward(self, ops, leaves):
        self.levels = [self.facts(leaves)]
        k = 0
        while self.levels[-1].size(1) > 1:
            below = self.levels[-1]
            width = below.size(1) // 2
            op = self.ops(ops[:, k:k + width])
            k += width
            h = self.cells[len(self.levels) - 1](op, below[:, 0::2], below[:, 1::2])
            # fault:
            self.levels.append(h.detach().clone() if width > 1 else h)
            # mended:
            # self.levels.append(h)
            # end
        return self.answer(self.levels[-1].squeeze(1))


def accuracy(model, data):
    model.eval()
    with torch.no_grad():
        return (model(data[0], data[1]).argmax(-1) == data[2]).float().mean().item()


train, dev = balanced(6000), balanced(1000)
model = TreeFold()
opt = optim.Adam(model.parameters(), lr=2e-3)
sched = optim.lr_scheduler.CosineAnnealingLR(opt, T_max=12)
for epoch in range(12):
    model.train()
    for idx in torch.randperm(len(train[2])).split(100):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(train[0][idx], train[1][idx]), train[2][idx])
        loss.backward()
        opt.step()
    sched.step()
    if epoch % 2 == 1:
        print(f"{epoch + 1:3d}  loss {loss.item():.3f}  train {accuracy(model, train):.3f}  dev {accuracy(model, dev):.3f}")
spread = [lv.flatten(1).std(0).mean().item() for lv in model.levels]
print("spread per level:", " ".join(f"{s:.3f}" for s in spread))
