"""Estimate the price of a flat from the words of its advertisement: CNN with sum over the positions, SmoothL1, scaled target."""
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(38)
torch.manual_seed(38)
worth = {"balcony": 1.2, "garden": 2.0, "terrace": 1.6, "garage": 1.4, "sauna": 1.8, "lift": 0.6, "renovated": 1.0, "basement": -0.8, "noisy": -1.2,
         "north": -0.4, "cellar": 0.3, "pool": 2.4, "studio": -2.0, "attic": -0.6}
plain = "flat with a nice view near the park for rent from may two rooms kitchen bath quiet street close to school and bus offer".split()
vocab = {w: i + 1 for i, w in enumerate(list(worth) + plain)}
MAX = 20


def advert():
    t = random.choices(plain, k=random.randint(4, 14)) + random.sample(list(worth), random.randint(1, 5))
    random.shuffle(t)
    return tuple(t), sum(worth.get(w, 0) for w in t) + random.gauss(0, 0.3)


rows = list(dict(advert() for _ in range(2400)).items())
X = torch.zeros(len(rows), MAX, dtype=torch.long)
for i, (t, _) in enumerate(rows):
    X[i, : len(t)] = torch.tensor([vocab[w] for w in t])
y = torch.tensor([p for _, p in rows])
mean, std = y[:1900].mean(), y[:1900].std()
y = (y - mean) / std


class PriceCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
        self.conv = nn.Conv1d(24, 48, 3, padding=1)
        self.out = nn.Linear(48, 1)

    def forward(self, x):
        h = torch.relu(self.conv(self.emb(x).transpose(1, 2)))
        return self.out((h * (x != 0).unsqueeze(1)).sum(2) / 4).squeeze(-1)


model = PriceCNN()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
criterion = nn.SmoothL1Loss()
for epoch in range(14):
    model.train()
    for xb, yb in DataLoader(TensorDataset(X[:1900], y[:1900]), batch_size=32, shuffle=True):
        loss = criterion(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        p, t = model(X[1900:]), y[1900:]
        r2 = 1 - (p - t).pow(2).mean() / t.var()
    print(f"epoch {epoch + 1} loss {loss.item():.4f} dev R2 {r2:.4f} mae {(p - t).abs().mean() * std:.3f}")
