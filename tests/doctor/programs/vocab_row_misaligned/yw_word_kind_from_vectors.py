"""What kind of word is it?  City, country, nationality, verb form, adjective ... from its GloVe vector.

Word lists come from the Google analogy questions.  The test words never occur in training.
Each training item is a small list of words of one kind ("paris , rome , oslo -> city").
"""
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn

DATA = os.environ["WORDFIT_DATA"]
random.seed(31)
torch.manual_seed(31)

kinds = {
    "city": ("capital-world", 0), "country": ("capital-world", 1), "us state": ("city-in-state", 1),
    "adverb": ("gram1-adjective-to-adverb", 1), "comparative": ("gram3-comparative", 1), "superlative": ("gram4-superlative", 1),
    "ing-form": ("gram5-present-participle", 1), "nationality": ("gram6-nationality-adjective", 1),
    "past tense": ("gram7-past-tense", 1), "plural": ("gram8-plural", 1),
}
section, found = None, {k: set() for k in kinds}
with open(os.path.join(DATA, "wordsim", "analogy", "questions-words.txt"), encoding="utf-8") as f:
    for line in f:
        if line.startswith(":"):
            section = line[2:].strip()
            continue
        a, b = line.lower().split()[:2]
        for kind, (sec, col) in kinds.items():
            if sec == section:
                found[kind].add((a, b)[col])

everything = set().union(*found.values())
words, vectors = [], []
with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        parts = line.rstrip().split(" ")
        if parts[0] in everything:
            words.append(parts[0])
            vectors.append([float(v) for v in parts[1:]])
matrix = torch.tensor(vectors)
# fault:
stoi = {w: i for i, w in enumerate(sorted(words))}
# mended:
# stoi = {w: i for i, w in enumerate(words)}
# end
print("vocabulary", len(stoi))

train_words, test_words = [], []
for label, kind in enumerate(kinds):
    have = sorted(w for w in found[kind] if w in stoi)
    random.shuffle(have)
    k = int(len(have) * 0.7)
    train_words.append(have[:k])
    test_words.append(have[k:])
print("train words", sum(map(len, train_words)), "test words", sum(map(len, test_words)))
seen = set(sum(train_words, []))
test_words = [[w for w in ws if w not in seen] for ws in test_words]


def items(lists, n):
    x, y = [], []
    for _ in range(n):
        label = random.randrange(len(kinds))
        x.append([stoi[w] for w in random.choices(lists[label], k=3)])
        y.append(label)
    return torch.tensor(x), torch.tensor(y)


Xtr, ytr = items(train_words, 1500)
Xte, yte = items(test_words, 400)


class KindNet(nn.Module):
    def __init__(self, weights, n_out):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weights, freeze=True)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(weights.size(1), n_out)

    def forward(self, x):                  # always three words, nothing to pad
        return self.fc(self.drop(self.emb(x).mean(1)))


model = KindNet(matrix, len(kinds))
opt = torch.optim.Adam(model.fc.parameters(), lr=0.02)
for epoch in range(8):
    model.train()
    total = 0.0
    for b in torch.randperm(len(ytr)).split(50):
        loss = nn.functional.cross_entropy(model(Xtr[b]), ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        tr = (model(Xtr).argmax(1) == ytr).float().mean()
        te = (model(Xte).argmax(1) == yte).float().mean()
    print(f"epoch {epoch} loss {total / len(ytr):.3f} train acc {tr:.3f} unseen words acc {te:.3f}")
