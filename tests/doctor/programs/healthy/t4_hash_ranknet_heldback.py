"""RankNet for help-desk search: queries and articles over a hashed vocabulary, NDCG on unseen queries.

Every term owns two rows of a small shared table (two hash functions) and a learned weight for each of them.
"""
import zlib
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Spec:
    subjects: int = 10
    terms: int = 30
    buckets: int = 256
    dim: int = 24
    q_len: int = 5
    d_len: int = 14
    shelf: int = 12
    train_queries: int = 1100
    test_queries: int = 250
    lr: float = 8e-3
    batch: int = 40
    epochs: int = 7
    seed: int = 23


def terms_of(subject, n, mix, spec, rng):
    own = rng.random(n) < mix
    s = np.where(own, subject, rng.integers(spec.subjects, size=n))
    return s * spec.terms + rng.integers(spec.terms, size=n)


def make_queries(n, spec, rng):
    """A shelf holds articles of relevance 0..2: about another subject, half about it, about it."""
    q = np.zeros((n, spec.q_len), dtype=np.int64)
    d = np.zeros((n, spec.shelf, spec.d_len), dtype=np.int64)
    rel = rng.choice(3, size=(n, spec.shelf), p=[0.6, 0.25, 0.15])
    rel[:, 0], rel[:, 1], rel[:, 2] = 2, 1, 0
    for i in range(n):
        subject = rng.integers(spec.subjects)
        q[i] = terms_of(subject, spec.q_len, 0.9, spec, rng)
        rng.shuffle(rel[i])
        for j in range(spec.shelf):
            other = (subject + rng.integers(1, spec.subjects)) % spec.subjects
            d[i, j] = terms_of(other, spec.d_len, 0.8, spec, rng)
            k = (0, spec.d_len // 2, spec.d_len)[rel[i, j]]
            d[i, j, :k] = terms_of(subject, k, 0.9, spec, rng)
    return torch.tensor(q), torch.tensor(d), torch.tensor(rel, dtype=torch.float32)


class HashEmbedding(nn.Module):
    def __init__(self, n_terms, spec):
        super().__init__()
        slots = [[zlib.crc32(f"{salt}:{t}".encode()) % spec.buckets for salt in ("a", "b")] for t in range(n_terms)]
        self.register_buffer("slots", torch.tensor(slots))
        self.table = nn.Embedding(spec.buckets, spec.dim)
        self.weight = nn.Embedding(n_terms, 2)
        nn.init.normal_(self.table.weight, std=0.3)
        nn.init.ones_(self.weight.weight)

    def forward(self, ids):
        return (self.weight(ids).unsqueeze(-1) * self.table(self.slots[ids])).sum(-2)


class Ranker(nn.Module):
    def __init__(self, spec):
        super().__init__()
        self.terms = HashEmbedding(spec.subjects * spec.terms, spec)
        self.bilinear = nn.Linear(spec.dim, spec.dim, bias=False)
        nn.init.eye_(self.bilinear.weight)

    def forward(self, q, d):
        q, d = self.terms(q).mean(1), self.terms(d).mean(2)
        return (d * self.bilinear(q).unsqueeze(1)).sum(-1)


def ranknet(score, rel):
    """Logistic loss over all pairs of a shelf in which one article is better than the other."""
    better = (rel.unsqueeze(2) > rel.unsqueeze(1)).float()
    diff = score.unsqueeze(2) - score.unsqueeze(1)
    return (F.softplus(-diff) * better).sum() / better.sum()


def ndcg(score, rel, k=5):
    gain = lambda order: ((2 ** rel.gather(1, order[:, :k]) - 1) / torch.log2(torch.arange(k) + 2.0)).sum(1)
    return (gain(score.argsort(1, descending=True)) / gain(rel.argsort(1, descending=True))).mean().item()


def main(spec):
    torch.manual_seed(spec.seed)
    rng = np.random.default_rng(spec.seed)
    q, d, rel = make_queries(spec.train_queries + spec.test_queries, spec, rng)
    n = spec.train_queries
    model = Ranker(spec)
    opt = torch.optim.Adam(model.parameters(), lr=spec.lr)
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.75)
    print(f"NDCG@5 of a random order {ndcg(torch.rand(spec.test_queries, spec.shelf), rel[n:]):.3f}")
    for epoch in range(1, spec.epochs + 1):
        model.train()
        total = 0.0
        for idx in torch.randperm(n).split(spec.batch):
            loss = ranknet(model(q[idx], d[idx]), rel[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        sched.step()
        model.eval()
        with torch.no_grad():
            s = model(q[n:], d[n:])
        print(f"epoch {epoch} train {total / n:.3f} test {ranknet(s, rel[n:]):.3f} NDCG@5 {ndcg(s, rel[n:]):.3f}")


if __name__ == "__main__":
    main(Spec())
