"""Grocery baskets: skip-gram with negative samples, gradients of two tables, judged on pairs of unseen baskets."""
import random
from collections import Counter
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import roc_auc_score


@dataclass
class Options:
    goods: int = 160
    aisles: int = 10
    dim: int = 16
    negatives: int = 5
    batch: int = 512
    steps: int = 400
    lr: float = 0.02


def basket(rng, o):
    size, aisle = rng.randint(3, 6), rng.randrange(o.aisles)
    goods = set()
    while len(goods) < size:
        a = aisle if rng.random() < 0.85 else rng.randrange(o.aisles)
        goods.add(a + o.aisles * int(rng.triangular(0, o.goods // o.aisles, 0)))
    return tuple(sorted(goods))


def pairs_of(baskets):
    return [(a, b) for items in baskets for a in items for b in items if a != b]


class SkipGram:
    def __init__(self, o, counts):
        self.o = o
        self.centre = (torch.randn(o.goods, o.dim) * 0.3).requires_grad_()
        self.around = torch.zeros(o.goods, o.dim).requires_grad_()
        noise = torch.tensor([counts.get(i, 0) for i in range(o.goods)], dtype=torch.float) ** 0.75
        self.noise = noise / noise.sum()

    def affinity(self, a, b):
        return (self.centre[a] * self.around[b]).sum(-1)

    def loss(self, a, b):
        fake = torch.multinomial(self.noise, len(a) * self.o.negatives, replacement=True).view(len(a), -1)
        real = F.logsigmoid(self.affinity(a, b))
        against = F.logsigmoid(-self.affinity(a[:, None], fake)).sum(1)
        return -(real + against).mean()

    def fit(self, pairs, report):
        opt = torch.optim.Adam([self.centre, self.around], lr=self.o.lr)
        decay = torch.optim.lr_scheduler.CosineAnnealingLR(opt, self.o.steps)
        for step in range(1, self.o.steps + 1):
            a, b = pairs[torch.randint(len(pairs), (self.o.batch,))].unbind(1)
            loss = self.loss(a, b)
            opt.zero_grad()
            loss.backward()
            opt.step()
            decay.step()
            if step % 100 == 0:
                print(f"step {step} loss {loss.item():.3f} {report(self)}")


def auc(model, pairs):
    a, b = pairs.unbind(1)
    g = torch.Generator().manual_seed(0)
    fake = torch.multinomial(model.noise, len(a), replacement=True, generator=g)
    with torch.no_grad():
        s = torch.cat([model.affinity(a, b), model.affinity(a, fake)]).numpy()
    return roc_auc_score(np.repeat([1, 0], len(a)), s)


def main():
    o, rng = Options(), random.Random(50)
    torch.manual_seed(50)
    unique = set()
    while len(unique) < 5000:
        unique.add(basket(rng, o))
    baskets = sorted(unique)
    rng.shuffle(baskets)
    train, test = (torch.tensor(pairs_of(part)) for part in (baskets[:4400], baskets[4400:]))
    model = SkipGram(o, Counter(train[:, 0].tolist()))
    model.fit(train, lambda m: f"auc train {auc(m, train[:8000]):.3f} unseen baskets {auc(m, test):.3f}")


if __name__ == "__main__":
    main()
