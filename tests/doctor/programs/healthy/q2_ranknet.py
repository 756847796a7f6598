"""RankNet over query and title words: pairwise logistic loss, frozen random anchors, NDCG on new queries."""
import argparse

import numpy as np
import torch
from torch import nn


class TwoTower(nn.Module):
    def __init__(self, n_words, dim):
        super().__init__()
        self.words = nn.Embedding(n_words, dim, padding_idx=0)
        self.query = nn.Linear(dim, dim)
        self.title = nn.Linear(dim, dim)
        # random positional anchors, fixed on purpose
        self.anchor = nn.Embedding(8, dim)
        self.anchor.weight.requires_grad_(False)
        self.anchor.weight.mul_(0.1)

    def pool(self, ids):
        here = (ids > 0).float().unsqueeze(-1)
        x = self.words(ids) + self.anchor(torch.arange(ids.size(-1)))
        return (x * here).sum(-2) / here.sum(-2).clamp(min=1)

    def forward(self, q, d):
        """q (B, Lq), d (B, N, Ld) -> scores (B, N)"""
        return torch.einsum("bd,bnd->bn", self.query(self.pool(q)), self.title(self.pool(d)))


def make_lists(rng, n, n_subjects, per_subject, n_docs):
    """grade 2: about the query's subject; grade 1: half of the words; grade 0: something else"""
    def draw(subject, k):
        return 1 + subject * per_subject + rng.integers(0, per_subject, k)
    q, d, g = np.zeros((n, 4), int), np.zeros((n, n_docs, 8), int), np.zeros((n, n_docs), int)
    for i in range(n):
        s = rng.integers(n_subjects)
        k = rng.integers(2, 5)
        q[i, :k] = draw(s, k)
        for j in range(n_docs):
            g[i, j] = rng.choice(3, p=[0.6, 0.2, 0.2])
            m = rng.integers(4, 9)
            other = rng.choice([t for t in range(n_subjects) if t != s])
            own = {0: 0, 1: m // 2, 2: m - 1}[g[i, j]]
            d[i, j, :m] = rng.permutation(np.concatenate([draw(s, own), draw(other, m - own)]))
    return torch.tensor(q), torch.tensor(d), torch.tensor(g)


def ndcg(scores, grades, k=5):
    disc = 1 / torch.log2(torch.arange(2, k + 2).float())
    gain = (2.0 ** grades) - 1
    got = (gain.gather(1, scores.argsort(1, descending=True)[:, :k]) * disc).sum(1)
    best = (gain.sort(1, descending=True).values[:, :k] * disc).sum(1)
    some = best > 0
    return (got[some] / best[some]).mean().item()


def pairwise(scores, grades):
    diff = scores[:, :, None] - scores[:, None, :]
    better = grades[:, :, None] > grades[:, None, :]
    return nn.functional.softplus(-diff)[better].mean()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=9)
    ap.add_argument("--lr", type=float, default=5e-3)
    args = ap.parse_args()
    rng = np.random.default_rng(77)
    torch.manual_seed(77)
    q, d, g = make_lists(rng, 1400, 8, 14, 10)
    tr, te = slice(0, 1200), slice(1200, 1400)
    model = TwoTower(1 + 8 * 14, 16)
    opt = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=args.lr)
    print(f"random order: NDCG@5 {ndcg(torch.rand(200, 10), g[te]):.3f}")
    for epoch in range(args.epochs):
        model.train()
        total = 0.0
        for rows in torch.randperm(1200).split(20):
            loss = pairwise(model(q[tr][rows], d[tr][rows]), g[tr][rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() / 60
        model.eval()
        with torch.no_grad():
            s = model(q[te], d[te])
            print(f"epoch {epoch}: loss {total:.3f}  test loss {pairwise(s, g[te]).item():.3f}  NDCG@5 {ndcg(s, g[te]):.3f}")


if __name__ == "__main__":
    main()
