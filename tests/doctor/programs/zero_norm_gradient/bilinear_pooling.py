"""Compact bilinear pooling of two word channels with signed square root, for the dish/cuisine classifier."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

random.seed(15)
torch.manual_seed(15)
N_CLASS, LEN, VOC = 9, 10, 150
first = {v: v % 3 for v in range(1, 31)}
second = {v: v % 3 for v in range(31, 61)}


def dish():
    a, b = random.choice(list(first)), random.choice(list(second))
    t = [a, b] + [random.randint(61, VOC - 1) for _ in range(LEN - 2)]
    random.shuffle(t)
    return t, first[a] * 3 + second[b]


def dataset(n):
    rows = [dish() for _ in range(n)]
    return TensorDataset(torch.tensor([t for t, _ in rows]), torch.tensor([y for _, y in rows]))


class BilinearPool(nn.Module):
    def __init__(self, d=24, k=8):
        super().__init__()
        self.emb = nn.Embedding(VOC, d)
        self.left, self.right = nn.Linear(d, k), nn.Linear(d, k)
        self.fc = nn.Linear(k * k, N_CLASS)

    def forward(self, x):
        e = self.emb(x)
        l, r = F.relu(self.left(e)).amax(1), F.relu(self.right(e)).amax(1)
        z = (l.unsqueeze(2) * r.unsqueeze(1)).flatten(1)
        # fault:
        z = torch.sign(z) * torch.sqrt(torch.abs(z))
        # mended:
        # z = torch.sign(z) * torch.sqrt(torch.abs(z) + 1e-6)
        # end
        return self.fc(z)


train, dev = dataset(2400), dataset(400)
model = BilinearPool()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(9):
    for x, y in DataLoader(train, 32, shuffle=True):
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        x, y = dev.tensors
        print("epoch %d loss %.4f dev accuracy %.4f" % (epoch, loss.item(), (model(x).argmax(1) == y).float().mean()))
