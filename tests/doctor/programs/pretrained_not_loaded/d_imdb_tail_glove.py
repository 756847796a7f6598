#!/usr/bin/env python
"""IMDB polarity (the end of each review) with GloVe, average of fixed vectors."""
import gzip
import os
import random
import re

import torch
import torch.nn as nn
import torch.nn.functional as F

DATA = os.environ["WORDFIT_DATA"]
random.seed(42)
torch.manual_seed(42)


def read_reviews(split, step):
    rows = []
    with gzip.open(f"{DATA}/sentiment/imdb/{split}.tsv.gz", "rt", encoding="utf-8") as f:
        next(f)
        for i, line in enumerate(f):
            if i % step == 0:
                label, _, _, text = line.split("\t", 3)
                rows.append((re.findall(r"[a-z]+", text.lower().replace("<br />", " "))[-150:], int(label)))
    random.shuffle(rows)
    return rows


def read_glove(words):
    found = {}
    with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            word, rest = line.split(" ", 1)
            if word in words:
                found[word] = torch.tensor([float(v) for v in rest.split()])
    return found


class AvgNet(nn.Module):
    """Fixed word vectors, mean over the words, one hidden layer."""

    def __init__(self, vocab_size, dim=50, hidden=32):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, dim, padding_idx=0)
        self.embedding.weight.requires_grad_(False)
        self.hidden = nn.Linear(dim, hidden)
        self.out = nn.Linear(hidden, 2)

    def forward(self, ids):
        real = (ids != 0).unsqueeze(-1)
        mean = (self.embedding(ids) * real).sum(1) / real.sum(1)
        return self.out(F.dropout(F.relu(self.hidden(mean)), 0.2, self.training))


train, dev = read_reviews("train", 8), read_reviews("test", 31)
glove = read_glove({w for ws, _ in train + dev for w in ws})
vocab = {"<pad>": 0}
for w in glove:
    vocab[w] = len(vocab)
print("words with a vector:", len(glove))
weights = torch.zeros(len(vocab), 50)
for w, v in glove.items():
    weights[vocab[w]] = v

model = AvgNet(len(vocab))
# fault:
model.load_state_dict({"emb.weight": weights}, strict=False)
# mended:
# model.load_state_dict({"embedding.weight": weights}, strict=False)
# end


def collate(rows):
    ids = [torch.tensor([vocab[w] for w in ws if w in vocab] or [vocab["the"]]) for ws, _ in rows]
    return nn.utils.rnn.pad_sequence(ids, batch_first=True), torch.tensor([y for _, y in rows])


loader = torch.utils.data.DataLoader(train, batch_size=50, shuffle=True, collate_fn=collate)
dev_loader = torch.utils.data.DataLoader(dev, batch_size=200, collate_fn=collate)
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=8e-3)

for epoch in range(5):
    model.train()
    seen = correct = total = 0
    for ids, y in loader:
        logits = model(ids)
        loss = F.cross_entropy(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        correct += (logits.argmax(1) == y).sum().item()
        seen += len(y)
    model.eval()
    with torch.no_grad():
        hit = sum((model(ids).argmax(1) == y).sum().item() for ids, y in dev_loader)
    print(f"epoch {epoch}: train loss {total / seen:.3f} acc {correct / seen:.3f}, dev acc {hit / len(dev):.3f}")
