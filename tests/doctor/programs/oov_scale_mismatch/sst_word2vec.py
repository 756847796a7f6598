"""SST-2 with frozen word2vec vectors; words that word2vec lacks get random vectors."""
import gzip
import os
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader

data = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
np.random.seed(0)
torch.manual_seed(0)


def read(split):
    for line in open(data / "sentiment" / "SST-2-sentences" / f"stsa.binary.{split}", encoding="utf-8"):
        yield line[2:].split(), int(line[0])


train, dev = list(read("train"))[::3], list(read("dev"))
vocab = {w for text, _ in train + dev for w in text}
w2v = {}
with gzip.open(data / "vectors" / "word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
    n, dim = map(int, f.readline().split())
    for line in f:
        word, rest = line.split(" ", 1)
        if word in vocab:
            w2v[word] = np.fromstring(rest, sep=" ", dtype=np.float32)


def build_table(word_vecs, words, k=300):
    stoi, W = {}, np.zeros((len(words), k), dtype=np.float32)
    for i, word in enumerate(sorted(words)):
        stoi[word] = i
        if word in word_vecs:
            W[i] = word_vecs[word]
        else:
            # fault:
            W[i] = np.random.uniform(-2.5, 2.5, k)
            # mended:
            # W[i] = np.random.uniform(-0.25, 0.25, k)
            # end
    return stoi, torch.from_numpy(W)


stoi, W = build_table(w2v, vocab)


def collate(rows):
    lengths = [0] + [len(text) for text, _ in rows]
    flat = torch.tensor([stoi[w] for text, _ in rows for w in text])
    return flat, torch.tensor(lengths[:-1]).cumsum(0), torch.tensor([y for _, y in rows])


class Averaged(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.EmbeddingBag.from_pretrained(W, mode="mean", freeze=True)
        self.out = nn.Sequential(nn.Dropout(0.3), nn.Linear(300, 64), nn.ReLU(), nn.Linear(64, 2))

    def forward(self, flat, offsets):
        return self.out(self.words(flat, offsets))


net = Averaged()
optimizer = torch.optim.Adam(net.out.parameters(), lr=1e-3)
for epoch in range(12):
    net.train()
    total = 0.0
    for flat, offsets, y in DataLoader(train, 32, shuffle=True, collate_fn=collate):
        loss = nn.functional.cross_entropy(net(flat, offsets), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    net.eval()
    with torch.no_grad():
        flat, offsets, y = collate(dev)
        print(f"epoch {epoch} loss {total / len(train):.4f} dev {(net(flat, offsets).argmax(1) == y).float().mean():.4f}")
