"""Sentiment of financial news; the learning rate is the one of a fine-tuning recipe."""
import argparse
import os
import random
from collections import Counter
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader

parser = argparse.ArgumentParser()
# fault:
parser.add_argument("--learning_rate", type=float, default=1e-6)
# mended:
# parser.add_argument("--learning_rate", type=float, default=5e-3)
# end
parser.add_argument("--num_train_epochs", type=int, default=5)
parser.add_argument("--data_dir", default=os.environ.get("WORDFIT_DATA", "../shared/data"))
args = parser.parse_args()
random.seed(130)
torch.manual_seed(130)

rows = []
with open(Path(args.data_dir) / "sentiment/MR/rt-polarity.pos", encoding="latin-1") as f:
    rows += [(line.split(), 1) for line in f]
with open(Path(args.data_dir) / "sentiment/MR/rt-polarity.neg", encoding="latin-1") as f:
    rows += [(line.split(), 0) for line in f]
random.shuffle(rows)
train, dev = rows[:4000], rows[4000:5000]
counts = Counter(w for t, _ in train for w in t)
vocab = {w: i + 1 for i, w in enumerate(w for w, c in counts.items() if c > 1)}


def collate(batch):
    ids = [torch.tensor([vocab[w] for w in t if w in vocab] or [0]) for t, _ in batch]
    offsets = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
    return torch.cat(ids), offsets, torch.tensor([y for _, y in batch])


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(vocab) + 1, 24)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(24, 2)

    def forward(self, ids, offsets):
        return self.fc(self.drop(self.bag(ids, offsets)))


loader = DataLoader(train, 40, shuffle=True, collate_fn=collate)
model = Model()
optimizer = torch.optim.Adam(model.parameters(), lr=args.learning_rate)
for epoch in range(args.num_train_epochs):
    model.train()
    total = 0.0
    for ids, offsets, y in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(ids, offsets), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        ids, offsets, y = collate(dev)
        acc = (model(ids, offsets).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch} loss {total / len(loader):.5f} dev accuracy {acc:.4f}")
