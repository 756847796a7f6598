#!/usr/bin/env python3
# Biased matrix factorisation on (user, film, stars) triples. Sparse tables, so SparseAdam. Report RMSE on held out pairs.
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(8)
rs = np.random.RandomState(8)
N_USERS, N_FILMS, K = 220, 160, 3

# ratings that follow taste x style + user and film bias + noise
U, V = rs.normal(0, 0.6, (N_USERS, K)), rs.normal(0, 0.6, (N_FILMS, K))
bu, bv = rs.normal(0, 0.5, N_USERS), rs.normal(0, 0.6, N_FILMS)
pairs = rs.permutation(N_USERS * N_FILMS)[:14000]
users, films = pairs // N_FILMS, pairs % N_FILMS
stars = 3.3 + (U[users] * V[films]).sum(1) + bu[users] + bv[films] + rs.normal(0, 0.35, len(pairs))
stars = np.clip(np.round(stars * 2) / 2, 0.5, 5.0)

users, films, stars = torch.tensor(users), torch.tensor(films), torch.tensor(stars, dtype=torch.float32)
n_train = 12000
mean = stars[:n_train].mean().item()


class BiasedMF(nn.Module):
    def __init__(self, n_users, n_items, dim, mu):
        super().__init__()
        self.user = nn.Embedding(n_users, dim, sparse=True)
        self.item = nn.Embedding(n_items, dim, sparse=True)
        self.user_bias = nn.Embedding(n_users, 1, sparse=True)
        self.item_bias = nn.Embedding(n_items, 1, sparse=True)
        for t in (self.user, self.item):
            nn.init.normal_(t.weight, std=0.1)
        for t in (self.user_bias, self.item_bias):
            nn.init.zeros_(t.weight)
        self.mu = mu

    def forward(self, u, i):
        pu, qi = self.user(u), self.item(i)
        bias = self.user_bias(u).squeeze(-1) + self.item_bias(i).squeeze(-1)
        return self.mu + bias + (pu * qi).sum(-1), (pu ** 2).mean() + (qi ** 2).mean()


mf = BiasedMF(N_USERS, N_FILMS, 4, mean)
optimizer = torch.optim.SparseAdam(list(mf.parameters()), lr=0.02)
EPOCHS, BATCH, REG = 8, 100, 0.1


def rmse(lo, hi):
    mf.eval()
    with torch.no_grad():
        pred, _ = mf(users[lo:hi], films[lo:hi])
    return ((pred.clamp(0.5, 5.0) - stars[lo:hi]) ** 2).mean().sqrt().item()


for epoch in range(EPOCHS):
    mf.train()
    for group in optimizer.param_groups:
        group["lr"] = 0.02 * (1 - epoch / EPOCHS)
    for b in torch.randperm(n_train).split(BATCH):
        pred, penalty = mf(users[b], films[b])
        loss = ((pred - stars[b]) ** 2).mean() + REG * penalty
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch + 1}: train RMSE {rmse(0, n_train):.4f}  held-out RMSE {rmse(n_train, None):.4f}")

base = (stars[n_train:] - mean).pow(2).mean().sqrt().item()
print(f"predict the mean: {base:.4f}   model: {rmse(n_train, None):.4f}")
