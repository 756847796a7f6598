"""Which service is to blame? Bags of template ids from the last minute of logs, stored flat with offsets."""
import argparse
import math
import time

import numpy as np
import torch
import torch.nn.functional as F

p = argparse.ArgumentParser()
p.add_argument("--templates", type=int, default=900)
p.add_argument("--dim", type=int, default=32)
p.add_argument("--windows", type=int, default=8000)
p.add_argument("--epochs", type=int, default=4)
p.add_argument("--lr", type=float, default=0.02)
p.add_argument("--seed", type=int, default=5)
args = p.parse_args()

SERVICES = ["auth", "billing", "search", "mailer", "storage"]
rng = np.random.default_rng(args.seed)
torch.manual_seed(args.seed)

# each template belongs to a service or to the common noise floor (-1)
owner = rng.integers(-3, len(SERVICES), size=args.templates).clip(-1)
pools = {s: np.flatnonzero(owner == s) for s in range(-1, len(SERVICES))}


def window():
    culprit = int(rng.integers(len(SERVICES)))
    n = int(rng.integers(12, 40))
    ids = []
    for _ in range(n):
        u = rng.random()
        if u < 0.30:
            ids.append(rng.choice(pools[culprit]))
        elif u < 0.55:
            ids.append(rng.choice(pools[int(rng.integers(len(SERVICES)))]))
        else:
            ids.append(rng.choice(pools[-1]))
    return np.array(ids, dtype=np.int64), culprit


windows = [window() for _ in range(args.windows)]
cut = int(0.8 * len(windows))


class FlatBags:
    """All ids in one long tensor; bag i is flat[start[i]:start[i + 1]]."""

    def __init__(self, items):
        self.flat = torch.from_numpy(np.concatenate([w for w, _ in items]))
        sizes = torch.tensor([len(w) for w, _ in items])
        self.start = torch.cat([torch.zeros(1, dtype=torch.long), sizes.cumsum(0)])
        self.y = torch.tensor([c for _, c in items])

    def __len__(self):
        return len(self.y)

    def take(self, rows):
        parts = [self.flat[self.start[r]:self.start[r + 1]] for r in rows.tolist()]
        sizes = torch.tensor([len(q) for q in parts])
        return torch.cat(parts), sizes.cumsum(0) - sizes, self.y[rows]


train, test = FlatBags(windows[:cut]), FlatBags(windows[cut:])

weight = torch.empty(args.templates, args.dim).normal_(0, 0.1).requires_grad_()
w1 = torch.empty(args.dim, 32).normal_(0, 1 / math.sqrt(args.dim)).requires_grad_()
b1 = torch.zeros(32, requires_grad=True)
w2 = torch.empty(32, len(SERVICES)).normal_(0, 1 / math.sqrt(32)).requires_grad_()
b2 = torch.zeros(len(SERVICES), requires_grad=True)


def logits(flat, offsets):
    # only a few hundred rows are touched per step, so keep their gradient sparse
    h = F.embedding_bag(flat, weight, offsets, mode="mean", sparse=True)
    return torch.tanh(h @ w1 + b1) @ w2 + b2


@torch.no_grad()
def evaluate(bags):
    right = 0
    for rows in torch.arange(len(bags)).split(500):
        flat, off, y = bags.take(rows)
        right += (logits(flat, off).argmax(1) == y).sum().item()
    return right / len(bags)


# fault:
opt = torch.optim.RMSprop([weight, w1, b1, w2, b2], lr=args.lr)
# mended:
#opt = torch.optim.Adagrad([weight, w1, b1, w2, b2], lr=args.lr)
# end

began = time.time()
for epoch in range(args.epochs):
    total = 0.0
    for rows in torch.randperm(len(train)).split(64):
        flat, off, y = train.take(rows)
        loss = F.cross_entropy(logits(flat, off), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(rows)
    print("epoch %d loss %.4f train %.3f test %.3f" % (epoch, total / len(train), evaluate(train), evaluate(test)))
print("done in %.1fs, test accuracy %.4f" % (time.time() - began, evaluate(test)))
