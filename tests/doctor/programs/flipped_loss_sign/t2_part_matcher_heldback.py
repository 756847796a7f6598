"""Two towers: a customer's part description and a catalogue entry.

Both are short lists of attribute codes. The towers map them to unit vectors, and a
triplet objective (cosine) should bring the two sides of a pair together.
"""
import random
from typing import List, Tuple

import torch
import torch.nn.functional as F
from torch import nn

CUSTOMER_WORDS, CATALOGUE_WORDS, ATTRS = 90, 60, 30
MARGIN = 0.3


class PairSource:
    """Attribute a is written with customer words 3a..3a+2 and catalogue words 2a, 2a+1."""

    def __init__(self, seed: int):
        self.r = random.Random(seed)
        self.seen = set()

    def pair(self) -> Tuple[List[int], List[int]]:
        while True:
            attrs = tuple(sorted(self.r.sample(range(ATTRS), 5)))
            if attrs not in self.seen:
                self.seen.add(attrs)
                break
        left = [1 + 3 * a + self.r.randrange(3) for a in attrs]
        left += [1 + self.r.randrange(CUSTOMER_WORDS)]
        right = [1 + 2 * a + self.r.randrange(2) for a in attrs]
        self.r.shuffle(left)
        self.r.shuffle(right)
        return left, right

    def block(self, n: int):
        rows = [self.pair() for _ in range(n)]
        return torch.tensor([a for a, _ in rows]), torch.tensor([b for _, b in rows])


class Tower(nn.Module):
    def __init__(self, n_words: int, dim: int, out: int):
        super().__init__()
        self.codes = nn.Parameter(0.3 * torch.randn(n_words + 1, dim))
        self.mix = nn.Parameter(torch.randn(dim, out) / dim ** 0.5)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        v = self.codes[ids].sum(1) @ self.mix
        return F.normalize(v, dim=-1)


class Matcher(nn.Module):
    def __init__(self, dim: int = 24, out: int = 24):
        super().__init__()
        self.customer = Tower(CUSTOMER_WORDS, dim, out)
        self.catalogue = Tower(CATALOGUE_WORDS, dim, out)

    def forward(self, left, right):
        return self.customer(left) @ self.catalogue(right).T


def triplet(sim: torch.Tensor) -> torch.Tensor:
    good = sim.diagonal().unsqueeze(1)
    off = ~torch.eye(len(sim), dtype=torch.bool)
    # fault:
    hinge = F.relu(MARGIN + good - sim)
    # mended:
    #hinge = F.relu(MARGIN - good + sim)
    # end
    return hinge[off].mean()


@torch.no_grad()
def hits(net: Matcher, left, right) -> Tuple[float, float]:
    net.eval()
    order = net(left, right).argsort(1, descending=True)
    rank = (order == torch.arange(len(left)).unsqueeze(1)).float().argmax(1)
    return (rank == 0).float().mean().item(), rank.float().median().item() + 1


def fit(net: Matcher, left, right, val, epochs: int = 14, size: int = 64):
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    for epoch in range(epochs):
        net.train()
        total, n = 0.0, 0
        for part in torch.randperm(len(left)).split(size):
            loss = triplet(net(left[part], right[part]))
            opt.zero_grad()
            loss.backward()
            opt.step()
            total, n = total + loss.item(), n + 1
        if epoch % 2 == 1:
            top1, med = hits(net, *val)
            print(f"epoch {epoch + 1:2d}  triplet {total / n:.4f}  top-1 {top1:.3f}  median rank {med:.0f}")


if __name__ == "__main__":
    torch.manual_seed(8)
    source = PairSource(8)
    train, val = source.block(4000), source.block(400)
    net = Matcher()
    fit(net, *train, val)
    print("train (400 of them): top-1 %.3f, median rank %.0f" % hits(net, train[0][:400], train[1][:400]))
    print("held out, 400 candidates: top-1 %.3f, median rank %.0f" % hits(net, *val))
