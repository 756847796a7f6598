"""Film review or product review?  Sentences of the two corpora, averaged GloVe vectors, one hidden layer."""
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

DATA = os.environ["WORDFIT_DATA"]
GLOVE = os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz")
PAD, DIM = 0, 50
random.seed(21)
np.random.seed(21)
torch.manual_seed(21)


def read_lines(path, n):
    with open(path, encoding="latin-1") as f:
        lines = [l.split() for l in f]
    lines = [l for l in lines if 4 <= len(l) <= 40]
    random.shuffle(lines)
    return lines[:n]


def load_glove(path):
    words, rows = [], []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            w, *v = line.split()
            words.append(w)
            rows.append(v)
    mat = np.array(rows, dtype=np.float64)
    mat = (mat - mat.mean(0)) / mat.std(0)          # every dimension at mean 0 and deviation 1
    return {w: torch.tensor(mat[i], dtype=torch.float32) for i, w in enumerate(words)}


def build_table(vocab, glove):
    # fault:
    table = torch.empty(len(vocab) + 1, DIM)
    # mended:
    # table = torch.randn(len(vocab) + 1, DIM)
    # end
    table[PAD] = 0
    found = 0
    for word, i in vocab.items():
        if word in glove:
            table[i] = glove[word]
            found += 1
    print(f"{found} of {len(vocab)} words have a vector")
    return table


class Reviews(Dataset):
    def __init__(self, rows, vocab):
        self.rows = [([vocab[w] for w in s], y) for s, y in rows]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, k):
        return self.rows[k]


def collate(rows):
    x = torch.full((len(rows), max(len(s) for s, _ in rows)), PAD)
    for i, (s, _) in enumerate(rows):
        x[i, :len(s)] = torch.tensor(s)
    return x, torch.tensor([y for _, y in rows])


class Averager(nn.Module):
    def __init__(self, table, hidden=24):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=PAD)
        self.mlp = nn.Sequential(nn.Linear(DIM, hidden), nn.ReLU(), nn.Dropout(0.2), nn.Linear(hidden, 2))

    def forward(self, x):
        n = (x != PAD).sum(1, keepdim=True)
        return self.mlp(self.emb(x).sum(1) / n)


def test(model, loader):
    model.eval()
    hit = n = 0
    loss = 0.0
    with torch.no_grad():
        for x, y in loader:
            out = model(x)
            loss += nn.functional.cross_entropy(out, y, reduction="sum").item()
            hit += (out.argmax(1) == y).sum().item()
            n += len(y)
    return loss / n, hit / n


films = read_lines(f"{DATA}/sentiment/MR/rt-polarity.pos", 900) + read_lines(f"{DATA}/sentiment/MR/rt-polarity.neg", 900)
goods = read_lines(f"{DATA}/sentiment/CR/custrev.pos", 1100) + read_lines(f"{DATA}/sentiment/CR/custrev.neg", 700)
rows = [(s, 0) for s in films] + [(s, 1) for s in goods]
random.shuffle(rows)
vocab = {}
for s, _ in rows:
    for w in s:
        vocab.setdefault(w, len(vocab) + 1)
model = Averager(build_table(vocab, load_glove(GLOVE)))
cut = int(0.85 * len(rows))
train_loader = DataLoader(Reviews(rows[:cut], vocab), batch_size=64, shuffle=True, collate_fn=collate)
dev_loader = DataLoader(Reviews(rows[cut:], vocab), batch_size=256, collate_fn=collate)
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
for epoch in range(4):
    model.train()
    total = 0.0
    for x, y in train_loader:
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    print(f"epoch {epoch}: train loss {total / len(train_loader):.4f}, dev loss %.4f, dev acc %.4f" % test(model, dev_loader))
print("train acc %.4f" % test(model, train_loader)[1])
