"""Which relation holds between two words?  Sections of the Google analogy set are the labels, Google News vectors the input."""
import gzip
import os
import random

import numpy as np
import torch
from torch import nn

ROOT = os.environ["WORDFIT_DATA"]
random.seed(3)
torch.manual_seed(3)


def read_vectors(path):
    with gzip.open(path, "rt", encoding="utf-8") as f:
        # fault:
        rows = f.read().rstrip("\n").split("\n")
        # mended:
        # rows = f.read().rstrip("\n").split("\n")[1:]
        # end
    width = len(rows[0].split(" ")) - 1
    index, matrix = {}, np.zeros((len(rows), width), dtype=np.float32)
    for row in rows:
        word, *values = row.split(" ")
        matrix[len(index)] = np.array(values[:width], dtype=np.float32)
        index[word] = len(index)
    return index, torch.from_numpy(matrix)


index, matrix = read_vectors(f"{ROOT}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz")
print("vectors:", tuple(matrix.shape))

pairs, sections = {}, []
with open(f"{ROOT}/wordsim/analogy/questions-words.txt", encoding="utf-8") as f:
    for line in f:
        parts = line.split()
        if parts[0] == ":":
            sections.append(parts[1])
            continue
        for a, b in (parts[:2], parts[2:]):
            if a in index and b in index:
                pairs.setdefault((index[a], index[b]), len(sections) - 1)
rows = [(a, b, s) for (a, b), s in pairs.items()]
random.shuffle(rows)
cut = len(rows) // 4
dev, train = torch.tensor(rows[:cut]), torch.tensor(rows[cut:])
print(len(train), "pairs to train on,", len(dev), "to test;", len(sections), "sections")
majority = dev[:, 2].bincount().max().item() / len(dev)


class Relation(nn.Module):
    def __init__(self, table, n_classes, hidden=64):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(table, freeze=True)
        self.body = nn.Sequential(nn.Linear(2 * table.shape[1], hidden), nn.ReLU(), nn.Dropout(0.3), nn.Linear(hidden, n_classes))

    def forward(self, ab):
        return self.body(self.words(ab).flatten(1))


model = Relation(matrix, len(sections))
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
for epoch in range(40):
    model.train()
    total = 0.0
    for part in train[torch.randperm(len(train))].split(32):
        loss = nn.functional.cross_entropy(model(part[:, :2]), part[:, 2])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(part)
    if epoch % 8 == 7:
        model.eval()
        with torch.no_grad():
            hits = (model(dev[:, :2]).argmax(1) == dev[:, 2]).float().mean().item()
        print(f"epoch {epoch + 1} loss {total / len(train):.3f} dev accuracy {hits:.3f} (largest section {majority:.3f})")
