"""Sentiment on SST-2 sentences with averaged GloVe vectors and a small head.

The vectors stay fixed; only the two-layer head is trained.
"""
import gzip
import os
import random

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

DATA = os.environ["WORDFIT_DATA"]
DIM = 50
random.seed(0)
torch.manual_seed(0)


def read_glove(path):
    words, rows = ["<pad>", "<unk>"], [np.zeros(DIM, "f4"), np.zeros(DIM, "f4")]
    with gzip.open(path, "rt", encoding="utf8") as f:
        for line in f:
            w, vec = line.rstrip("\n").split(" ", 1)
            words.append(w)
            rows.append(np.fromstring(vec, dtype="f4", sep=" "))
    table = np.stack(rows)
    table[1] = table[2:].mean(0)
    return {w: i for i, w in enumerate(words)}, torch.from_numpy(table)


def read_split(name, stoi, limit=None):
    out = []
    with open(os.path.join(DATA, "sentiment/SST-2-sentences", "stsa.binary." + name), encoding="utf8") as f:
        for line in f:
            label, text = line.rstrip("\n").split(" ", 1)
            ids = [stoi.get(t, 1) for t in text.lower().split()]
            out.append((ids, int(label)))
    return out[:limit]


def collate(batch):
    width = max(len(ids) for ids, _ in batch)
    x = torch.tensor([ids + [0] * (width - len(ids)) for ids, _ in batch])
    return x, torch.tensor([y for _, y in batch], dtype=torch.float)


class AverageNet(nn.Module):
    def __init__(self, vectors, hidden=32):
        super().__init__()
        self.embedding = nn.Embedding(vectors.size(0), vectors.size(1), padding_idx=0)
        # fault:
        self.embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        # mended:
        # self.embedding = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        # end
        self.embedding.weight.requires_grad_(False)
        self.fc1 = nn.Linear(vectors.size(1), hidden)
        self.drop = nn.Dropout(0.2)
        self.fc2 = nn.Linear(hidden, 1)

    def forward(self, x):
        mask = (x != 0).unsqueeze(-1).float()
        mean = (self.embedding(x) * mask).sum(1) / mask.sum(1)
        return self.fc2(self.drop(torch.relu(self.fc1(mean)))).squeeze(1)


stoi, vectors = read_glove(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"))
train, dev = read_split("train", stoi), read_split("dev", stoi)
train_dl = DataLoader(train, batch_size=64, shuffle=True, collate_fn=collate)
dev_dl = DataLoader(dev, batch_size=256, collate_fn=collate)
print(len(train), "train", len(dev), "dev", tuple(vectors.shape), "vectors")

model = AverageNet(vectors)
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3)
loss_fn = nn.BCEWithLogitsLoss()


def accuracy(dl):
    model.eval()
    with torch.no_grad():
        return torch.cat([(model(x) > 0) == y.bool() for x, y in dl]).float().mean().item()


for epoch in range(7):
    model.train()
    losses = []
    for x, y in train_dl:
        loss = loss_fn(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print(f"[{epoch}] loss={np.mean(losses):.4f} dev_acc={accuracy(dev_dl):.4f}")
print(f"train_acc={accuracy(train_dl):.4f}")
