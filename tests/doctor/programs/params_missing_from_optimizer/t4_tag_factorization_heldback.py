"""Factorisation machine over categorical tags (genre x era x mood x ...), ranked by AUC on unseen combinations.

Ablation: linear terms only against linear + pairwise factors.
"""
import argparse
from itertools import combinations

import numpy as np
import torch
import torch.nn as nn

FIELDS = {"genre": 14, "era": 9, "mood": 12, "tempo": 8, "instrument": 16}


def sample_listens(n, seed):
    rng = np.random.default_rng(seed)
    sizes = list(FIELDS.values())
    latent = [rng.normal(size=(m, 3)) for m in sizes]
    main = [rng.normal(scale=0.4, size=m) for m in sizes]
    rows = set()
    while len(rows) < n:
        rows.add(tuple(int(rng.integers(m)) for m in sizes))
    rows = np.array(sorted(rows))
    rng.shuffle(rows)
    z = sum(b[rows[:, f]] for f, b in enumerate(main))
    for i, j in combinations(range(len(sizes)), 2):
        z = z + (latent[i][rows[:, i]] * latent[j][rows[:, j]]).sum(1)
    z = z - np.median(z)
    y = (z + rng.logistic(scale=0.5, size=n) > 0).astype(np.float32)
    return torch.tensor(rows), torch.tensor(y)


class FactorisationMachine(nn.Module):
    def __init__(self, sizes, rank):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(1))
        self.first = nn.ModuleList(nn.Embedding(m, 1) for m in sizes)
        # fault:
        self.second = [nn.Embedding(m, max(rank, 1)) for m in sizes]
        # mended:
        #self.second = nn.ModuleList(nn.Embedding(m, max(rank, 1)) for m in sizes)
        # end
        self.rank = rank
        for table in self.first:
            nn.init.zeros_(table.weight)
        for table in self.second:
            nn.init.normal_(table.weight, std=0.1)

    def forward(self, x):
        linear = sum(t(x[:, f]) for f, t in enumerate(self.first)).squeeze(-1)
        if self.rank == 0:
            return self.bias + linear
        v = torch.stack([t(x[:, f]) for f, t in enumerate(self.second)], dim=1)
        pair = 0.5 * (v.sum(1).pow(2) - v.pow(2).sum(1)).sum(-1)
        return self.bias + linear + pair


def auc(score, y):
    order = score.argsort()
    rank = torch.empty_like(order)
    rank[order] = torch.arange(1, len(y) + 1)
    pos = y.sum()
    return ((rank[y == 1].sum() - pos * (pos + 1) / 2) / (pos * (len(y) - pos))).item()


def fit(rank, x, y, xt, yt, args):
    torch.manual_seed(args.seed)
    model = FactorisationMachine(list(FIELDS.values()), rank)
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    criterion = nn.BCEWithLogitsLoss()
    for epoch in range(args.epochs):
        model.train()
        for idx in torch.randperm(len(x)).split(args.batch):
            opt.zero_grad()
            loss = criterion(model(x[idx]), y[idx])
            loss.backward()
            opt.step()
        if (epoch + 1) % 5 == 0:
            model.eval()
            with torch.no_grad():
                out, own = model(xt), model(x)
                print(f"  rank {rank}  epoch {epoch + 1:2d}  train bce {criterion(own, y):.3f}  test bce {criterion(out, yt):.3f}"
                      f"  test auc {auc(out, yt):.3f}  acc {((out > 0).float() == yt).float().mean():.3f}")
    return auc(out, yt)


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--rank", type=int, default=6)
    p.add_argument("--epochs", type=int, default=15)
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--lr", type=float, default=0.01)
    p.add_argument("--seed", type=int, default=5)
    args = p.parse_args()
    rows, liked = sample_listens(7500, args.seed)
    x, y, xt, yt = rows[:6000], liked[:6000], rows[6000:], liked[6000:]
    print(f"{len(x)} train / {len(xt)} test, liked {yt.mean():.2f}")
    score = fit(args.rank, x, y, xt, yt, args)
    print("test AUC with factors: %.3f" % score)
