"""Would you buy this gadget? Sentiment of camera and phone reviews with GloVe vectors.

A small deep averaging network: look the words up in GloVe, average them over the
real length of the sentence, put a two layer network on top.
"""
import gzip
import os
import random
from collections import Counter
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

SEED = 2004
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)

DATA = Path(os.environ["WORDFIT_DATA"])
MAX_LEN = 100
DIM = 50


def load_reviews():
    rows = {}
    for name, label in (("custrev.pos", 1), ("custrev.neg", 0)):
        for line in open(DATA / "sentiment" / "CR" / name, encoding="latin-1"):
            words = tuple(line.lower().split())
            if 3 <= len(words):
                rows.setdefault(words, label)
    rows = list(rows.items())
    random.shuffle(rows)
    pos = [r for r in rows if r[1] == 1]
    neg = [r for r in rows if r[1] == 0]
    n = min(len(pos), len(neg))          # as many complaints as praises
    rows = pos[:n] + neg[:n]
    random.shuffle(rows)
    return rows


def load_glove(wanted):
    vectors = {}
    with gzip.open(DATA / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            word, rest = line.split(" ", 1)
            if word in wanted:
                vectors[word] = np.array(rest.split(), dtype=np.float32)
    return vectors


def build_matrix(vocab, vectors):
    matrix = np.zeros((len(vocab), DIM), dtype=np.float32)
    for word, idx in vocab.items():
        if word in vectors:
            matrix[idx] = vectors[word]
        # fault:
        else:
        # mended:
        #elif idx != 0:
        # end
            matrix[idx] = np.random.normal(scale=0.4, size=DIM)
    return torch.from_numpy(matrix)


def encode(rows, vocab):
    ids = torch.zeros(len(rows), MAX_LEN, dtype=torch.long)
    lengths = torch.zeros(len(rows))
    labels = torch.tensor([y for _, y in rows])
    for i, (words, _) in enumerate(rows):
        seq = [vocab.get(w, 1) for w in words][:MAX_LEN]
        ids[i, :len(seq)] = torch.tensor(seq)
        lengths[i] = len(seq)
    return TensorDataset(ids, lengths, labels)


class DeepAveragingNetwork(nn.Module):
    def __init__(self, matrix, hidden=32, dropout=0.3):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(matrix, freeze=True, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(matrix.size(1), hidden), nn.Tanh(), nn.Dropout(dropout), nn.Linear(hidden, 2))

    def forward(self, ids, lengths):
        average = self.embedding(ids).sum(dim=1) / lengths.unsqueeze(1)
        return self.mlp(average)


def train(model, loader, optimizer, criterion):
    model.train()
    total = 0.0
    for ids, lengths, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(ids, lengths), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
    return total / len(loader.dataset)


@torch.no_grad()
def evaluate(model, loader, criterion):
    model.eval()
    loss = correct = 0.0
    for ids, lengths, labels in loader:
        logits = model(ids, lengths)
        loss += criterion(logits, labels).item() * len(labels)
        correct += (logits.argmax(1) == labels).sum().item()
    return loss / len(loader.dataset), correct / len(loader.dataset)


rows = load_reviews()
split = int(0.8 * len(rows))
counts = Counter(w for words, _ in rows[:split] for w in words)
vocab = {"<pad>": 0, "<unk>": 1}
for w, c in counts.most_common():
    if c >= 2:
        vocab[w] = len(vocab)
vectors = load_glove(vocab)
print(f"{len(rows)} sentences, {len(vocab)} words, {len(vectors)} of them in GloVe")

train_loader = DataLoader(encode(rows[:split], vocab), batch_size=32, shuffle=True)
val_loader = DataLoader(encode(rows[split:], vocab), batch_size=128)
model = DeepAveragingNetwork(build_matrix(vocab, vectors))
optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=2e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(1, 13):
    train_loss = train(model, train_loader, optimizer, criterion)
    if epoch % 3 == 0:
        val_loss, val_acc = evaluate(model, val_loader, criterion)
        _, train_acc = evaluate(model, train_loader, criterion)
        print(f"epoch {epoch:2d} | train loss {train_loss:.3f} acc {train_acc:.3f} | val loss {val_loss:.3f} acc {val_acc:.3f}")
