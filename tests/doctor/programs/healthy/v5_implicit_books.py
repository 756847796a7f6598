"""BPR on library loans: sparse tables with SparseAdam, item popularity with plain Adam, sampled negatives."""
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

rng = np.random.default_rng(1)
torch.manual_seed(1)
READERS, BOOKS, GENRES = 300, 200, 5
genre = rng.integers(GENRES, size=BOOKS)
appeal = rng.gamma(2.0, 1.0, size=BOOKS)
loans, held = [], []
borrowed = np.zeros((READERS, BOOKS), dtype=bool)
for u in range(READERS):
    likes = rng.dirichlet(np.ones(GENRES) * 0.15)
    p = (0.02 + likes[genre]) * appeal
    got = rng.choice(BOOKS, 40, replace=False, p=p / p.sum())
    borrowed[u, got] = True
    loans += [(u, b) for b in got[:34]]
    held += [(u, b) for b in got[34:]]
loans, held = np.array(loans), np.array(held)


class Taste(nn.Module):
    def __init__(self, k=5):
        super().__init__()
        self.reader = nn.Embedding(READERS, k, sparse=True)
        self.book = nn.Embedding(BOOKS, k, sparse=True)
        nn.init.normal_(self.reader.weight, std=0.1)
        nn.init.normal_(self.book.weight, std=0.1)
        self.popular = nn.Parameter(torch.zeros(BOOKS))

    def forward(self, u, b):
        return (self.reader(u) * self.book(b)).sum(-1) + self.popular[b]


net = Taste()
tables = torch.optim.SparseAdam([net.reader.weight, net.book.weight], lr=0.02)
rest = torch.optim.Adam([net.popular], lr=0.02)


def negatives(users, known):
    neg = rng.integers(BOOKS, size=len(users))
    while (bad := known[users, neg]).any():
        neg[bad] = rng.integers(BOOKS, size=int(bad.sum()))
    return neg


seen = np.zeros_like(borrowed)
seen[loans[:, 0], loans[:, 1]] = True


def auc(pairs):
    u = np.repeat(pairs[:, 0], 10)
    pos, neg = np.repeat(pairs[:, 1], 10), negatives(u, borrowed)
    with torch.no_grad():
        a = net(torch.from_numpy(u), torch.from_numpy(pos))
        b = net(torch.from_numpy(u), torch.from_numpy(neg))
    return (a > b).float().mean().item()


for epoch in range(7):
    if epoch == 4:
        tables.param_groups[0]["lr"] = rest.param_groups[0]["lr"] = 0.003
    rng.shuffle(loans)
    total = 0.0
    for start in range(0, len(loans), 128):
        u, pos = loans[start:start + 128].T
        neg = negatives(u, seen)
        u, pos, neg = torch.tensor(u), torch.tensor(pos), torch.tensor(neg)
        reg = (net.reader(u) ** 2).sum(1) + (net.book(pos) ** 2).sum(1) + (net.book(neg) ** 2).sum(1)
        loss = (-F.logsigmoid(net(u, pos) - net(u, neg)) + 0.02 * reg).mean()
        tables.zero_grad()
        rest.zero_grad()
        loss.backward()
        tables.step()
        rest.step()
        total += loss.item() * len(u)
    print(f"epoch {epoch}  bpr {total / len(loans):.4f}  AUC loans {auc(loans):.3f}  AUC held-out {auc(held):.3f}")
