#!/usr/bin/env python
"""Matrix factorisation for a (simulated) book club's ratings. Biases + factors, RMSE on held-out ratings."""
import argparse
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--factors", type=int, default=4)
parser.add_argument("--lr", type=float, default=0.25)
parser.add_argument("--batch-size", type=int, default=128)
args = parser.parse_args()

np.random.seed(0)
torch.manual_seed(0)
N_USERS, N_BOOKS, N_RATINGS = 150, 100, 9000


def simulate():
    u_f = np.random.randn(N_USERS, 3)
    b_f = np.random.randn(N_BOOKS, 3)
    u_b = np.random.randn(N_USERS) * 0.4
    b_b = np.random.randn(N_BOOKS) * 0.7
    pairs = np.random.permutation(N_USERS * N_BOOKS)[:N_RATINGS]       # each pair at most once
    u, b = pairs // N_BOOKS, pairs % N_BOOKS
    r = 3.2 + u_b[u] + b_b[b] + 0.5 * (u_f[u] * b_f[b]).sum(1) + np.random.randn(N_RATINGS) * 0.25
    return u, b, r.clip(0, 6)


class MF(nn.Module):
    def __init__(self, mean, k):
        super().__init__()
        self.mean = mean
        self.user = nn.Embedding(N_USERS, k, sparse=True)
        self.book = nn.Embedding(N_BOOKS, k, sparse=True)
        self.user_bias = nn.Embedding(N_USERS, 1, sparse=True)
        self.book_bias = nn.Embedding(N_BOOKS, 1, sparse=True)
        for e in (self.user, self.book):
            nn.init.normal_(e.weight, std=0.1)
        for e in (self.user_bias, self.book_bias):
            nn.init.zeros_(e.weight)

    def forward(self, u, b):
        dot = (self.user(u) * self.book(b)).sum(-1)
        return self.mean + dot + self.user_bias(u).squeeze(-1) + self.book_bias(b).squeeze(-1)


u, b, r = simulate()
ds = TensorDataset(torch.as_tensor(u), torch.as_tensor(b), torch.as_tensor(r, dtype=torch.float32))
train_ds, test_ds = random_split(ds, [8000, 1000], generator=torch.Generator().manual_seed(1))
mean = torch.stack([row[2] for row in train_ds]).mean().item()
train_dl = DataLoader(train_ds, args.batch_size, shuffle=True)
test_dl = DataLoader(test_ds, 500)

model = MF(mean, args.factors)
criterion = nn.MSELoss()
# fault:
optimizer = torch.optim.RMSprop(model.parameters(), lr=args.lr * 0.1)
# mended:
# optimizer = torch.optim.Adagrad(model.parameters(), lr=args.lr)
# end


def rmse(dl, predict):
    model.eval()
    with torch.no_grad():
        se = [((predict(uu, bb) - rr) ** 2) for uu, bb, rr in dl]
    model.train()
    return torch.cat(se).mean().sqrt().item()


print(f"baseline (mean rating) RMSE {rmse(test_dl, lambda uu, bb: torch.full((len(uu),), mean)):.3f}")
for epoch in range(1, args.epochs + 1):
    total = 0.0
    for uu, bb, rr in train_dl:
        optimizer.zero_grad()
        loss = criterion(model(uu, bb), rr)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(rr)
    print(f"epoch {epoch}: train RMSE {(total / len(train_ds)) ** 0.5:.3f} test RMSE {rmse(test_dl, model):.3f}")
