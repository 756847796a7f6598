"""Homework 3: what kind of word is it?

We take single words (countries, cities, verbs, adverbs ...) from the analogy questions, look up
their GloVe vectors and train a small network on top. A third of the words is kept for testing.
"""
import gzip
import os
from array import array

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.metrics import accuracy_score, f1_score

DATA = os.environ["WORDFIT_DATA"]
VECTORS = os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz")
QUESTIONS = os.path.join(DATA, "wordsim", "analogy", "questions-words.txt")

# (section, which of the two words of a pair) -> group
GROUPS = {
    ("capital-world", 0): "city", ("capital-world", 1): "country",
    ("city-in-state", 0): "city",
    ("gram1-adjective-to-adverb", 0): "adjective", ("gram4-superlative", 0): "adjective",
    ("gram3-comparative", 0): "adjective",
    ("gram5-present-participle", 1): "participle",
    ("gram6-nationality-adjective", 1): "nationality",
    ("gram7-past-tense", 1): "past",
    ("gram8-plural", 1): "plural",
}
NAMES = sorted(set(GROUPS.values()))


def read_glove(path):
    words, values = [], array("f")
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            parts = line.rstrip("\n").split(" ")
            words.append(parts[0])
            values.extend(float(v) for v in parts[1:])
    return words, values


def read_words(path, known):
    found, section = {}, None
    for line in open(path, encoding="utf-8"):
        if line.startswith(":"):
            section = line[1:].strip()
            continue
        for i, w in enumerate(line.lower().split()):
            group = GROUPS.get((section, i % 2))
            if group and w in known:
                found.setdefault(w, group)
    return sorted(found.items())


class WordNet(nn.Module):
    def __init__(self, table, hidden, n_groups):
        super().__init__()
        self.vectors = nn.Embedding.from_pretrained(table, freeze=True)
        self.hidden = nn.Linear(table.size(1), hidden)
        self.drop = nn.Dropout(0.5)
        self.out = nn.Linear(hidden, n_groups)

    def forward(self, word):
        return self.out(self.drop(torch.tanh(self.hidden(self.vectors(word)))))


torch.manual_seed(3)
words, values = read_glove(VECTORS)
index = {w: i for i, w in enumerate(words)}
# fault:
dim = 25
# mended:
#dim = 50
# end
table = torch.tensor(values).view(-1, dim)
print("vectors:", len(words), "words, table", tuple(table.shape))

data = read_words(QUESTIONS, index)
order = torch.randperm(len(data)).tolist()
data = [data[i] for i in order]
x = torch.tensor([index[w] for w, _ in data])
y = torch.tensor([NAMES.index(g) for _, g in data])
n_train = 2 * len(data) // 3
x_train, y_train, x_test, y_test = x[:n_train], y[:n_train], x[n_train:], y[n_train:]
print(len(x_train), "training words,", len(x_test), "test words,", len(NAMES), "groups")

net = WordNet(table, 32, len(NAMES))
opt = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=0.004, weight_decay=0.3)

for epoch in range(24):
    net.train()
    total = 0.0
    for idx in torch.randperm(n_train).split(32):
        opt.zero_grad()
        loss = F.cross_entropy(net(x_train[idx]), y_train[idx])
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    if epoch % 3 == 2:
        net.eval()
        with torch.no_grad():
            guess = net(x_test).argmax(1)
            test_loss = F.cross_entropy(net(x_test), y_test).item()
            train_acc = accuracy_score(y_train, net(x_train).argmax(1))
        print(f"epoch {epoch + 1:3d}  loss {total / n_train:.3f}  train acc {train_acc:.3f}  test loss {test_loss:.3f}  "
              f"test acc {accuracy_score(y_test, guess):.3f}  macro F1 {f1_score(y_test, guess, average='macro'):.3f}")
