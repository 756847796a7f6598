"""What kind of word is this?  Probe of GloVe: country, city, nationality, adverb, verb, noun.

The table stays fixed; only the probe on top learns.  Test words do not occur in training.
"""
import gzip
import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

DATA = os.environ["WORDFIT_DATA"]
SECTIONS = {  # section of the analogy file -> (column, class)
    "capital-world": [(0, "city"), (1, "country")],
    "city-in-state": [(0, "city")],
    "gram1-adjective-to-adverb": [(1, "adverb")],
    "gram6-nationality-adjective": [(1, "nationality")],
    "gram7-past-tense": [(1, "verb"), (0, "verb")],
    "gram5-present-participle": [(1, "verb"), (0, "verb")],
    "gram8-plural": [(0, "noun"), (1, "noun")],
}


def read_vectors():
    table = {}
    with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as fh:
        for row in fh:
            word, *nums = row.split()
            table[word] = np.asarray(nums, dtype=np.float32)
    return table


def read_words(vectors):
    found, section = {}, None
    with open(os.path.join(DATA, "wordsim", "analogy", "questions-words.txt"), encoding="utf-8") as fh:
        for row in fh:
            if row[0] == ":":
                section = row[1:].strip()
            elif section in SECTIONS:
                parts = row.lower().split()
                for col, cls in SECTIONS[section]:
                    for w in (parts[col], parts[col + 2]):
                        if w in vectors:
                            found.setdefault(w, cls)
    return found


vectors = read_vectors()
labelled = read_words(vectors)
classes = sorted(set(labelled.values()))
words = sorted(labelled)
np.random.RandomState(1).shuffle(words)
matrix = np.stack([vectors[w] for w in words])
matrix = (matrix - matrix.mean(0)) / matrix.std(0)
targets = torch.tensor([classes.index(labelled[w]) for w in words])
cut = int(0.75 * len(words))
train_idx, test_idx = torch.arange(cut), torch.arange(cut, len(words))
print(len(words), "words", {c: int((targets == i).sum()) for i, c in enumerate(classes)})


class Probe(nn.Module):
    def __init__(self, weights, n_classes):
        super().__init__()
        self.lookup = nn.Embedding(*weights.shape)
        # fault:
        self.lookup.from_pretrained(weights)
        # mended:
        # self.lookup = nn.Embedding.from_pretrained(weights)
        # end
        self.lookup.weight.requires_grad_(False)
        self.drop = nn.Dropout(0.4)
        self.out = nn.Linear(weights.size(1), n_classes)

    def forward(self, idx):
        return self.out(self.drop(self.lookup(idx)))


torch.manual_seed(1)
probe = Probe(torch.from_numpy(matrix), len(classes))
optimizer = torch.optim.Adam(probe.out.parameters(), lr=5e-3, weight_decay=1e-2)
for epoch in range(1, 31):
    probe.train()
    total = 0.0
    for chunk in train_idx[torch.randperm(cut)].split(20):
        optimizer.zero_grad()
        loss = F.cross_entropy(probe(chunk), targets[chunk])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(chunk)
    if epoch % 5 == 0:
        probe.eval()
        with torch.no_grad():
            tr = (probe(train_idx).argmax(1) == targets[train_idx]).float().mean()
            te = (probe(test_idx).argmax(1) == targets[test_idx]).float().mean()
        print(f"epoch {epoch:2d} loss {total / cut:.3f} train {tr:.3f} test {te:.3f}")
counts = torch.bincount(targets[test_idx])
print(f"majority class on test: {(counts.max() / counts.sum()):.3f}")
