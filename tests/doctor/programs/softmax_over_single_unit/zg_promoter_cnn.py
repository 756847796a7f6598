#!/usr/bin/env python
# Promoter / background discrimination on simulated 60-mers (TATA-box + Inr at a loose distance).
# Small re-implementation of the CNN in our supplementary material.
import random

import numpy as np
import torch
from torch import nn

SEED = 11
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)

BASES = "ACGT"


def background(n):
    return [random.choice(BASES) for _ in range(n)]


def noisy(motif, p=0.05):
    return [random.choice(BASES) if random.random() < p else b for b in motif]


def simulate(n):
    seqs, labels = [], []
    for _ in range(n):
        s = background(60)
        y = int(random.random() < 0.5)
        if y:
            at = random.randint(5, 18)
            s[at:at + 8] = noisy("TATAAAAG")
            inr = at + random.randint(24, 28)
            s[inr:inr + 7] = noisy("TCAGTCT")
        seqs.append("".join(s))
        labels.append(y)
    return seqs, labels


def one_hot(seqs):
    idx = np.array([[BASES.index(c) for c in s] for s in seqs])
    return torch.tensor(np.eye(4, dtype=np.float32)[idx]).transpose(1, 2).contiguous()   # N x 4 x L


class PromoterNet(nn.Module):
    def __init__(self, filters=24):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv1d(4, filters, 9, padding=4), nn.ReLU(),
            nn.MaxPool1d(4),
            nn.Conv1d(filters, filters, 5, padding=2), nn.ReLU(),
            nn.AdaptiveMaxPool1d(1), nn.Flatten())
        self.classifier = nn.Sequential(
            nn.Linear(filters, 16), nn.ReLU(), nn.Dropout(0.2),
            nn.Linear(16, 1),
            # fault:
            nn.Softmax(dim=1))
            # mended:
            # nn.Sigmoid())
            # end

    def forward(self, x):
        return self.classifier(self.features(x))


train_s, train_y = simulate(1400)
test_s, test_y = simulate(500)
X, Xt = one_hot(train_s), one_hot(test_s)
y = torch.tensor(train_y, dtype=torch.float32)
yt = torch.tensor(test_y, dtype=torch.float32)

model = PromoterNet()
criterion = nn.BCELoss()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)

for epoch in range(5):
    model.train()
    running = 0.0
    order = torch.randperm(len(X))
    for chunk in order.split(50):
        p = model(X[chunk]).squeeze(1)
        loss = criterion(p, y[chunk])
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item() * len(chunk)
    model.eval()
    with torch.no_grad():
        pt = model(Xt).squeeze(1)
    acc = ((pt > 0.5).float() == yt).float().mean().item()
    print(f"epoch {epoch + 1}: BCE {running / len(X):.4f}  test acc {acc:.3f}")
