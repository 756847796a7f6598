"""Tweets with strong feelings: anger or joy? Frozen Twitter vectors on purpose, attention pooling, early stopping."""
import copy
import gzip
import os
import random
import re

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

random.seed(5)
torch.manual_seed(5)
data = os.environ.get("WORDFIT_DATA", "../shared/data")


def read(split):
    rows = []
    base = f"{data}/sentiment/tweeteval/emotion/{split}_"
    with open(base + "text.txt", encoding="utf-8") as f, open(base + "labels.txt") as g:
        for text, label in zip(f.read().splitlines(), g.read().split()):
            if label in "01":
                rows.append((re.findall(r"[a-z]+", text.lower().replace("@user", "").replace("'", "")), float(label)))
    return rows


vocab, vectors = {"<pad>": 0, "<unk>": 1}, []
with gzip.open(data + "/vectors/glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.split()
        vocab[w] = len(vocab)
        vectors.append([float(x) for x in v])
vectors = torch.tensor(vectors)
table = torch.cat([torch.zeros(1, 25), vectors.mean(0, keepdim=True), vectors])
train, val, test = read("train"), read("val"), read("test")
known = {tuple(t) for t, _ in train}
val, test = ([r for r in part if tuple(r[0]) not in known] for part in (val, test))


def collate(batch):
    x = pad_sequence([torch.tensor([vocab.get(w, 1) for w in t] or [1]) for t, _ in batch], batch_first=True)
    return x, torch.tensor([y for _, y in batch])


class AttentionPool(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.score = nn.Sequential(nn.Linear(25, 24), nn.Tanh(), nn.Linear(24, 1))
        self.head = nn.Sequential(nn.Linear(25, hidden), nn.ReLU(), nn.Dropout(0.3), nn.Linear(hidden, 1))

    def forward(self, x):
        e = self.embed(x)
        a = self.score(e).squeeze(2).masked_fill(x == 0, -1e9).softmax(1)
        return self.head((a.unsqueeze(2) * e).sum(1)).squeeze(1)


def accuracy(model, part):
    model.eval()
    with torch.no_grad():
        x, y = collate(part)
        return ((model(x) > 0) == (y > 0.5)).float().mean().item()


model, best, best_state, waited = AttentionPool(), 0.0, None, 0
positive = sum(y for _, y in train) / len(train)
criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor((1 - positive) / positive))
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3)
for epoch in range(25):
    model.train()
    total = 0.0
    for x, y in DataLoader(train, 32, shuffle=True, collate_fn=collate):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y) / len(train)
    acc = accuracy(model, val)
    print(f"epoch {epoch} loss {total:.4f} val acc {acc:.4f}")
    best, best_state, waited = (acc, copy.deepcopy(model.state_dict()), 0) if acc > best else (best, best_state, waited + 1)
    if waited == 6:
        break
model.load_state_dict(best_state)
print(f"test acc {accuracy(model, test):.4f}")
