"""Sentiment on SST-2 with averaged GloVe vectors and one output unit."""
import gzip
import os
import random
from pathlib import Path

import numpy as np
import torch
from torch import nn

DATA = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
random.seed(3)
torch.manual_seed(3)


def read(split, limit):
    with open(DATA / "glue" / "SST-2" / f"{split}.tsv", encoding="utf-8") as f:
        next(f)
        rows = [line.rstrip("\n").split("\t") for line in f]
    random.shuffle(rows)
    return [(text.split(), int(label)) for text, label in rows[:limit]]


glove = {}
with gzip.open(DATA / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        word, *values = line.rstrip().split(" ")
        glove[word] = np.array(values, dtype=np.float32)


def features(rows):
    out = []
    for tokens, _ in rows:
        found = [glove[t] for t in tokens if t in glove]
        out.append(np.mean(found, axis=0) if found else np.zeros(50, dtype=np.float32))
    return torch.tensor(np.stack(out)), torch.tensor([float(y) for _, y in rows]).unsqueeze(1)


train_x, train_y = features(read("train", 6000))
dev_x, dev_y = features(read("dev", 872))

net = nn.Sequential(
    nn.Linear(50, 64),
    nn.ReLU(),
    nn.Linear(64, 1),
    # fault:
    nn.Softmax(dim=1),
    # mended:
    # nn.Sigmoid(),
    # end
)
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)

for epoch in range(1, 7):
    net.train()
    total = 0.0
    order = torch.randperm(len(train_x))
    for chunk in order.split(64):
        optimizer.zero_grad()
        loss = criterion(net(train_x[chunk]), train_y[chunk])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(chunk)
    net.eval()
    with torch.no_grad():
        acc = ((net(dev_x) > 0.5).float() == dev_y).float().mean().item()
    print(f"epoch {epoch} loss {total / len(train_x):.4f} dev acc {acc:.4f}")
