"""Bag of words by scikit-learn, classified by a two-layer network in PyTorch (customer reviews)."""
import os
import random
from pathlib import Path

import torch
from sklearn.feature_extraction.text import CountVectorizer
from torch import nn
from torch.utils.data import DataLoader

random.seed(4)
torch.manual_seed(4)
folder = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "sentiment/CR"
pos = sorted(set((folder / "custrev.pos").read_text(encoding="latin-1").splitlines()))
neg = sorted(set((folder / "custrev.neg").read_text(encoding="latin-1").splitlines()))
random.shuffle(pos)
rows = [(t, 1) for t in pos[: len(neg)]] + [(t, 0) for t in neg]
random.shuffle(rows)
train, dev = rows[:2100], rows[2100:]

vectorizer = CountVectorizer(max_features=1500, binary=True)
analyze = vectorizer.build_analyzer()
vectorizer.fit([t for t, _ in train])


def to_ids(rows, vec):
    known = vec.vocabulary_
    return [(torch.tensor([known[w] + 1 for w in analyze(t) if w in known] or [0]), y) for t, y in rows]


train_ids = to_ids(train, vectorizer)
# fault:
dev_ids = to_ids(dev, vectorizer.fit([t for t, _ in dev]))
# mended:
# dev_ids = to_ids(dev, vectorizer)
# end


class Reviewer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.EmbeddingBag(1501, 24, mode="mean", padding_idx=0)
        self.layers = nn.Sequential(nn.Dropout(0.5), nn.Linear(24, 2))

    def forward(self, ids, offsets):
        return self.layers(self.embedding(ids, offsets))


def collate(batch):
    ids = [x for x, _ in batch]
    offsets = torch.tensor([0] + [len(x) for x in ids[:-1]]).cumsum(0)
    return torch.cat(ids), offsets, torch.tensor([y for _, y in batch])


model = Reviewer()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(8):
    model.train()
    total = 0.0
    for ids, offsets, y in DataLoader(train_ids, batch_size=50, shuffle=True, collate_fn=collate):
        loss = nn.functional.cross_entropy(model(ids, offsets), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        hits = sum((model(i, o).argmax(1) == y).sum().item() for i, o, y in DataLoader(dev_ids, batch_size=200, collate_fn=collate))
    print(f"epoch {epoch} train {total / len(train):.4f} dev {hits / len(dev):.4f}")
