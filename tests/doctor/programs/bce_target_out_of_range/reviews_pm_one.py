import os
import random
from collections import Counter
from pathlib import Path

import torch
import torch.nn as nn

random.seed(13)
torch.manual_seed(13)
folder = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "sentiment" / "MR"

reviews = []
for polarity, suffix in ((1, "pos"), (-1, "neg")):
    for line in open(folder / f"rt-polarity.{suffix}", encoding="latin-1"):
        reviews.append((line.split()[:40], polarity))
random.shuffle(reviews)
train, dev = reviews[:5000], reviews[5000:6000]

counts = Counter(w for words, _ in train for w in words)
stoi = {w: i for i, (w, c) in enumerate(counts.most_common(6000), start=2) if c > 1}


def pad(rows):
    ids = [[stoi.get(w, 1) for w in words] or [1] for words, _ in rows]
    n = max(map(len, ids))
    # fault:
    target = torch.tensor([float(y) for _, y in rows])
    # mended:
    # target = torch.tensor([float(y > 0) for _, y in rows])
    # end
    return torch.tensor([r + [0] * (n - len(r)) for r in ids]), target


class BowNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(6002, 32, padding_idx=0, mode="mean")
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(32, 1)

    def forward(self, ids):
        return self.out(self.drop(self.bag(ids))).squeeze(-1)


model = BowNet()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(4):
    model.train()
    random.shuffle(train)
    total = 0
    for i in range(0, len(train), 50):
        ids, target = pad(train[i : i + 50])
        loss = criterion(model(ids), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        ids, target = pad(dev)
        acc = ((model(ids) > 0) == (target > 0)).float().mean().item()
    print(f"epoch {epoch} loss {total / 100:.4f} dev_acc {acc:.4f}")
