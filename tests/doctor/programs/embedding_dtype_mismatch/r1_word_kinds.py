"""What kind of word is it? A probe on GloVe vectors with the Google analogy set as a word list."""
import gzip
import os
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

ROOT = Path(os.environ["WORDFIT_DATA"])
KINDS = {
    "capital-common-countries": ("city", "country"),
    "capital-world": ("city", "country"),
    "city-in-state": ("city", "state"),
    "gram2-opposite": ("adjective", "adjective"),
    "gram3-comparative": ("adjective", "adjective"),
    "gram4-superlative": ("adjective", "adjective"),
    "gram5-present-participle": ("verb", "verb"),
    "gram6-nationality-adjective": ("country", "nationality"),
    "gram7-past-tense": ("verb", "verb"),
    "gram8-plural": ("noun", "noun"),
    "gram9-plural-verbs": ("verb", "verb"),
}
KEEP = ["city", "country", "adjective", "verb", "noun", "nationality"]


def word_kinds():
    kinds, section = {}, None
    for line in open(ROOT / "wordsim" / "analogy" / "questions-words.txt", encoding="utf-8"):
        if line.startswith(":"):
            section = line[1:].strip()
        elif section in KINDS:
            a, b, c, d = line.lower().split()
            left, right = KINDS[section]
            for w, k in ((a, left), (b, right), (c, left), (d, right)):
                kinds.setdefault(w, set()).add(k)
    return {w: next(iter(k)) for w, k in kinds.items() if len(k) == 1 and next(iter(k)) in KEEP}


def load_vectors(wanted):
    words, rows = [], []
    with gzip.open(ROOT / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
        for line in fh:
            parts = line.rstrip("\n").split(" ")
            if parts[0] in wanted:
                words.append(parts[0])
                rows.append([float(v) for v in parts[1:]])
    return words, np.array(rows)


class Probe(nn.Module):
    def __init__(self, matrix, n_kinds):
        super().__init__()
        # fault:
        self.embedding = nn.Embedding.from_pretrained(torch.from_numpy(matrix), freeze=True)
        # mended:
        #self.embedding = nn.Embedding.from_pretrained(torch.from_numpy(matrix).float(), freeze=True)
        # end
        self.net = nn.Sequential(
            nn.Linear(matrix.shape[1], 24),
            nn.ReLU(),
            nn.Dropout(0.4),
            nn.Linear(24, n_kinds),
        )

    def forward(self, ids):
        return self.net(self.embedding(ids))


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


torch.manual_seed(4)
kinds = word_kinds()
words, matrix = load_vectors(kinds)
labels = torch.tensor([KEEP.index(kinds[w]) for w in words])
ids = torch.arange(len(words))
counts = {k: int((labels == i).sum()) for i, k in enumerate(KEEP)}
print(len(words), "words", counts)

order = torch.randperm(len(words))
cut = int(0.75 * len(words))
train, test = order[:cut], order[cut:]
loader = DataLoader(TensorDataset(ids[train], labels[train]), batch_size=16, shuffle=True)

model = Probe(matrix, len(KEEP))
optimizer = torch.optim.AdamW(model.net.parameters(), lr=3e-3, weight_decay=0.1)
criterion = nn.CrossEntropyLoss(label_smoothing=0.05)

for epoch in range(20):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    if epoch % 4 == 0:
        print(f"epoch {epoch:2d} train {accuracy(model, ids[train], labels[train]):.3f} "
              f"test {accuracy(model, ids[test], labels[test]):.3f}")

guess = max(counts.values()) / len(words)
print(f"test accuracy {accuracy(model, ids[test], labels[test]):.3f} (most frequent kind: {guess:.3f})")
