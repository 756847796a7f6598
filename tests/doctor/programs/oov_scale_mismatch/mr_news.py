"""Movie review snippets (Pang & Lee) with length-normalised Google News vectors and a small feed-forward net."""
import gzip
import os
import random
from collections import Counter

import numpy as np
import torch
import torch.nn as nn

root = os.environ["WORDFIT_DATA"]
seed = 1
random.seed(seed); np.random.seed(seed); torch.manual_seed(seed)
DIM = 300


def read_reviews(n):
    rows = []
    for label, ext in ((1, "pos"), (0, "neg")):
        with open(os.path.join(root, "sentiment/MR/rt-polarity." + ext), encoding="latin-1") as f:
            part = [(line.split(), label) for line in f if line.strip()]
        random.shuffle(part)
        rows += part[:n // 2]
    random.shuffle(rows)
    return rows


def read_vectors(path, wanted):
    table = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        count, dim = map(int, next(f).split())
        for line in f:
            word, rest = line.split(" ", 1)
            if word in wanted:
                v = np.asarray(rest.split(), dtype=np.float32)
                table[word] = v / np.linalg.norm(v)          # unit length, as for cosine
    return table


rows = read_reviews(6400)
train, dev = rows[:5400], rows[5400:]
vocab = {"<pad>": 0, "<unk>": 1}
counts = Counter(t for tokens, _ in train for t in tokens)
for t, n in counts.items():
    if n > 1:
        vocab[t] = len(vocab)
news = read_vectors(os.path.join(root, "vectors/word2vec.GoogleNews.300d.13598words.txt.gz"), vocab)
matrix = np.zeros((len(vocab), DIM), dtype=np.float32)
spread = np.std(list(news.values()))
missing = 0
for w, i in vocab.items():
    if w in news:
        matrix[i] = news[w]
    elif i > 0:
        # fault:
        matrix[i] = np.random.randn(DIM)
        # mended:
        # matrix[i] = spread * np.random.randn(DIM)
        # end
        missing += 1
print(f"vocabulary {len(vocab)}, without a vector {missing}")


class Net(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(torch.from_numpy(weights), freeze=True, padding_idx=0)
        self.ff = nn.Sequential(nn.Linear(DIM, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 1))

    def forward(self, x, lengths):
        s = self.embed(x).sum(1) / lengths.sqrt().unsqueeze(1)
        return self.ff(s).squeeze(1)


def batch(rows):
    n = max(len(t) for t, _ in rows)
    x = torch.zeros(len(rows), n, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        x[i, :len(t)] = torch.tensor([vocab.get(w, 1) for w in t])
    return x, (x > 0).sum(1).float(), torch.tensor([float(y) for _, y in rows])


model = Net(matrix)
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.ff.parameters(), lr=2e-3)
for epoch in range(1, 9):
    model.train()
    random.shuffle(train)
    losses = []
    for k in range(0, len(train), 50):
        x, n, y = batch(train[k:k + 50])
        loss = criterion(model(x, n), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    if epoch % 2 == 0:
        model.eval()
        with torch.no_grad():
            x, n, y = batch(dev)
            acc = ((model(x, n) > 0).float() == y).float().mean().item()
        print(f"epoch {epoch}  loss {np.mean(losses):.3f}  dev accuracy {acc:.3f}")
