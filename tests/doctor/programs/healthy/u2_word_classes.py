#!/usr/bin/env python
"""Probe: do fixed GloVe vectors tell geographical words from common ones?
Words of the Google analogy set, grouped by the sections they come from; a linear probe, vectors stay fixed."""
import gzip
import os
import random
from collections import defaultdict

import torch

DATA = os.environ["WORDFIT_DATA"]
KINDS = {"capital-world": "place", "city-in-state": "place", "gram6-nationality-adjective": "place",
         "gram1-adjective-to-adverb": "common", "gram2-opposite": "common",
         "gram3-comparative": "common", "gram4-superlative": "common", "gram5-present-participle": "common",
         "gram7-past-tense": "common", "gram8-plural": "common", "gram9-plural-verbs": "common"}

groups = defaultdict(set)
section = None
with open(os.path.join(DATA, "wordsim/analogy/questions-words.txt"), encoding="utf-8") as f:
    for line in f:
        if line.startswith(":"):
            section = line[1:].strip()
            continue
        if section in KINDS:
            for w in line.lower().split():
                groups[w].add(KINDS[section])
kind_of = {w: next(iter(k)) for w, k in groups.items() if len(k) == 1}

words, vecs = [], []
with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, _, rest = line.partition(" ")
        if w in kind_of:
            words.append(w)
            vecs.append([float(v) for v in rest.split()])
labels = sorted(set(kind_of.values()))
y = torch.tensor([labels.index(kind_of[w]) for w in words])
random.seed(1)
torch.manual_seed(1)
order = list(range(len(words)))
random.shuffle(order)
cut = int(0.75 * len(order))
train, test = torch.tensor(order[:cut]), torch.tensor(order[cut:])
print(len(words), "words of", len(labels), "kinds;", len(train), "for training")

table = torch.nn.Embedding.from_pretrained(torch.tensor(vecs), freeze=True)
probe = torch.nn.Sequential(
    table,
    torch.nn.LayerNorm(50, elementwise_affine=False),
    torch.nn.Dropout(0.3),
    torch.nn.Linear(50, len(labels)),
)
opt = torch.optim.Adam((p for p in probe.parameters() if p.requires_grad), lr=4e-3, weight_decay=1e-3)
# small kinds count a little more
weight = torch.bincount(y[train], minlength=len(labels)).float().clamp(min=1).rsqrt()
criterion = torch.nn.CrossEntropyLoss(weight=weight / weight.mean())


def measure(rows):
    probe.eval()
    with torch.no_grad():
        out = probe(rows)
        return criterion(out, y[rows]).item(), (out.argmax(1) == y[rows]).float().mean().item()


majority = torch.bincount(y[test]).max().item() / len(test)
for epoch in range(1, 26):
    probe.train()
    for rows in train[torch.randperm(len(train))].split(32):
        opt.zero_grad()
        loss = criterion(probe(rows), y[rows])
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        (a, b), (c, d) = measure(train), measure(test)
        print(f"epoch {epoch:2d}  train {a:.3f} / {b:.3f}   test {c:.3f} / {d:.3f}   majority {majority:.3f}")
