"""What kind of word is this? Probing GloVe vectors with a small network.

A probe must not change what it measures: the vectors stay as they are, only the small network
on top is trained. We hold out a third of the words to see what the vectors know by themselves.
"""
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(4)
torch.manual_seed(4)
DATA = os.environ["WORDFIT_DATA"]
# section of the analogy file -> (class of the left word, class of the right word)
SECTIONS = {
    "capital-world": ("place", "place"),
    "capital-common-countries": ("place", "place"),
    "city-in-state": ("place", "place"),
    "gram1-adjective-to-adverb": ("adjective", "adverb"),
    "gram3-comparative": ("adjective", "comparison"),
    "gram4-superlative": ("adjective", "comparison"),
    "gram6-nationality-adjective": ("place", "nationality"),
    "gram7-past-tense": ("verb form", "verb form"),
    "gram8-plural": ("noun", "noun"),
    "family": ("noun", "noun"),
    "gram9-plural-verbs": ("verb form", "verb form"),
    "gram5-present-participle": ("verb form", "verb form"),
}
CLASSES = sorted({c for pair in SECTIONS.values() for c in pair})


def read_vectors():
    vectors = {}
    with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            word, rest = line.split(" ", 1)
            vectors[word] = rest
    return vectors


def read_words(vectors):
    classes, section = {}, None
    with open(f"{DATA}/wordsim/analogy/questions-words.txt", encoding="utf-8") as f:
        for line in f:
            if line.startswith(":"):
                section = line[1:].strip()
            elif section in SECTIONS:
                for i, word in enumerate(line.lower().split()):
                    if word in vectors:
                        classes.setdefault(word, set()).add(SECTIONS[section][i % 2])
    # words of two classes teach nothing
    return sorted((w, CLASSES.index(next(iter(c)))) for w, c in classes.items() if len(c) == 1)


class Probe(nn.Module):
    def __init__(self, matrix, n_classes, hidden=20):
        super().__init__()
        # fault:
        self.table = nn.Embedding(*matrix.shape)
        self.table.weight.data.copy_(matrix)
        self.table.requires_grad = False
        # mended:
        #self.table = nn.Embedding(*matrix.shape)
        #self.table.weight.data.copy_(matrix)
        #self.table.weight.requires_grad = False
        # end
        self.net = nn.Sequential(nn.Linear(matrix.size(1), hidden), nn.Tanh(), nn.Dropout(0.5), nn.Linear(hidden, n_classes))

    def forward(self, ids):
        return self.net(self.table(ids))


vectors = read_vectors()
words = read_words(vectors)
random.shuffle(words)
matrix = torch.from_numpy(np.array([vectors[w].split() for w, _ in words], dtype=np.float32))
data = TensorDataset(torch.arange(len(words)), torch.tensor([c for _, c in words]))
n_train = 2 * len(words) // 3
train_set = torch.utils.data.Subset(data, range(n_train))
test_set = torch.utils.data.Subset(data, range(n_train, len(words)))
train_loader = DataLoader(train_set, batch_size=16, shuffle=True)
test_loader = DataLoader(test_set, batch_size=64)
print(f"{n_train} words to learn from, {len(words) - n_train} held out, {len(CLASSES)} classes")

probe = Probe(matrix, len(CLASSES))
optimizer = torch.optim.Adam(probe.parameters(), lr=2e-2)
criterion = nn.CrossEntropyLoss()


def evaluate(loader):
    probe.eval()
    with torch.no_grad():
        logits, gold = zip(*[(probe(x), y) for x, y in loader])
    logits, gold = torch.cat(logits), torch.cat(gold)
    return criterion(logits, gold).item(), (logits.argmax(1) == gold).float().mean().item()


for epoch in range(1, 13):
    probe.train()
    for ids, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(probe(ids), labels)
        loss.backward()
        optimizer.step()
    if epoch % 3 == 0:
        print("epoch %2d  train %.3f %.3f  held-out %.3f %.3f" % (epoch, *evaluate(train_loader), *evaluate(test_loader)))
