"""ListNet on a simulated shop search log. Each query has 3 to 12 candidates; NDCG@5 is computed by hand in numpy."""
import logging
import sys
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn as nn

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(levelname).1s ranker: %(message)s")
log = logging.getLogger("ranker")


@dataclass
class Config:
    n_products: int = 160
    n_queries: int = 1700
    n_test: int = 300
    dim: int = 12
    lr: float = 0.02
    epochs: int = 6
    batch: int = 32
    seed: int = 77
    gains: tuple = field(default=(0, 1, 3))        # nothing, same shelf, exact


cfg = Config()
rng = np.random.default_rng(cfg.seed)
torch.manual_seed(cfg.seed)

shelves = np.arange(cfg.n_products) // 8           # 20 shelves of 8 products
synonyms = 3                                       # every shelf has 3 names, every product 3 nicknames


def make_query():
    p = rng.integers(cfg.n_products)
    words = [rng.integers(synonyms) * 20 + shelves[p], 60 + rng.integers(synonyms) * cfg.n_products + p,
             60 + synonyms * cfg.n_products + rng.integers(30)]                 # shelf word, nickname, noise word
    same = np.flatnonzero((shelves == shelves[p]) & (np.arange(cfg.n_products) != p))
    other = np.flatnonzero(shelves != shelves[p])
    k = rng.integers(1, 5)
    docs = np.concatenate([[p], rng.choice(same, k, replace=False), rng.choice(other, rng.integers(1, 8), replace=False)])
    rel = np.array([2] + [1] * k + [0] * (len(docs) - k - 1))
    mix = rng.permutation(len(docs))
    return rng.permutation(words), docs[mix], rel[mix]


class Ranker(nn.Module):
    def __init__(self):
        super().__init__()
        self.q = nn.EmbeddingBag(60 + synonyms * cfg.n_products + 30, cfg.dim, mode="mean")
        self.d = nn.Embedding(cfg.n_products, cfg.dim)
        for t in (self.q, self.d):
            nn.init.normal_(t.weight, 0, 0.3)

    def forward(self, q, d):
        return torch.einsum("bd,bnd->bn", self.q(q), self.d(d))


def collate(rows):
    n = max(len(d) for _, d, _ in rows)
    D = torch.zeros(len(rows), n, dtype=torch.long)          # product 0 fills up, the mask rules it out
    R = torch.zeros(len(rows), n, dtype=torch.long)
    M = torch.zeros(len(rows), n, dtype=torch.bool)
    for i, (_, d, r) in enumerate(rows):
        D[i, :len(d)], R[i, :len(d)], M[i, :len(d)] = torch.tensor(d), torch.tensor(r), True
    return torch.tensor(np.stack([q for q, _, _ in rows])), D, R, M


def listnet(scores, rel, mask):
    target = torch.tensor(cfg.gains, dtype=torch.float)[rel] * mask
    target = target / target.sum(1, keepdim=True)
    logp = scores.masked_fill(~mask, -1e9).log_softmax(1)
    return -(target * logp).sum(1).mean()


def ndcg(scores, rel, k=5):
    g = np.array(cfg.gains)[rel]
    disc = 1 / np.log2(np.arange(2, k + 2))
    got, best = g[np.argsort(-scores)][:k], np.sort(g)[::-1][:k]
    return (got * disc[:len(got)]).sum() / (best * disc[:len(best)]).sum()


def evaluate(net, rows):
    net.eval()
    with torch.no_grad():
        q, D, R, M = collate(rows)
        s = net(q, D)
    vals = [ndcg(s[i, M[i]].numpy(), R[i, M[i]].numpy()) for i in range(len(rows))]
    net.train()
    return float(np.mean(vals))


rows = [make_query() for _ in range(cfg.n_queries)]
test, train = rows[:cfg.n_test], rows[cfg.n_test:]
net = Ranker()
opt = torch.optim.Adagrad(net.parameters(), lr=0.3)
log.info("random order: NDCG@5 %.3f", np.mean([ndcg(rng.random(len(d)), r) for _, d, r in test]))
log.info("before: NDCG@5 %.3f", evaluate(net, test))
for epoch in range(cfg.epochs):
    order, tot = rng.permutation(len(train)), 0.0
    for i in range(0, len(order), cfg.batch):
        q, D, R, M = collate([train[j] for j in order[i:i + cfg.batch]])
        loss = listnet(net(q, D), R, M)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(q)
    log.info("epoch %d loss %.4f NDCG@5 train %.3f test %.3f", epoch, tot / len(train), evaluate(net, train[:300]), evaluate(net, test))
