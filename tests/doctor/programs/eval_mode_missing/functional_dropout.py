"""Sentiment with a functional dropout on the word vectors."""
import os
import random
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(145)
torch.manual_seed(145)
base = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "sentiment" / "CR"


def load(name, label):
    out = []
    for line in open(base / name, encoding="latin-1"):
        words = line.lower().split()[:40]
        if words:
            out.append((words, label))
    return out


rows = load("custrev.pos", 1) + load("custrev.neg", 0)
random.shuffle(rows)
train, dev = rows[:2900], rows[2900:3700]
vocab = {}
for words, _ in train:
    for w in words:
        vocab.setdefault(w, len(vocab) + 2)


def collate(batch):
    x = [torch.tensor([vocab.get(w, 1) for w in words]) for words, _ in batch]
    return nn.utils.rnn.pad_sequence(x, batch_first=True), torch.tensor([y for _, y in batch])


class Reviews(nn.Module):
    def __init__(self, n, d=48):
        super().__init__()
        self.embeddings = nn.Embedding(n, d, padding_idx=0)
        self.l1 = nn.Linear(d, 48)
        self.l2 = nn.Linear(48, 2)

    def forward(self, x):
        # fault:
        e = F.dropout(self.embeddings(x), 0.5)
        # mended:
        # e = F.dropout(self.embeddings(x), 0.5, training=self.training)
        # end
        h = F.relu(self.l1(e.sum(1) / (x != 0).sum(1, keepdim=True)))
        # fault:
        return self.l2(F.dropout(h, 0.5))
        # mended:
        # return self.l2(F.dropout(h, 0.5, training=self.training))
        # end


loader = torch.utils.data.DataLoader(train, 50, shuffle=True, collate_fn=collate)
model = Reviews(len(vocab) + 2)
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(6):
    model.train()
    total = 0.0
    for x, y in loader:
        opt.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        opt.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        x, y = collate(dev)
        acc = (model(x).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch} loss {total / len(loader):.4f} dev accuracy {acc:.4f}")
