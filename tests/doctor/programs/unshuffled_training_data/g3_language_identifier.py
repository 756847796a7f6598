#!/usr/bin/env python3
"""Which language is it?  Hashed character bigrams + a linear layer, in the spirit of langid.py / fastText lid.176.

Sentences come from the (translated) STS benchmark, one file per language.
"""
import csv
import gzip
import os
import zlib

import torch
import torch.nn as nn
from torch.utils.data import DataLoader

torch.manual_seed(0)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "glue", "STS-B-multilingual")
LANGS = ["de", "es", "fr"]
BUCKETS = 512
PER_LANG, HELD_OUT = 700, 200


def sentences(lang):
    with gzip.open(os.path.join(ROOT, f"stsb-{lang}-train.csv.gz"), "rt", encoding="utf-8", newline="") as fh:
        seen = set()
        for row in csv.reader(fh):
            if row[0] not in seen:
                seen.add(row[0])
                yield row[0]
            if len(seen) == PER_LANG + HELD_OUT:
                return


def bigrams(text):
    text = f" {text.lower()[:20]} "
    return [zlib.crc32(text[i:i + 2].encode()) % BUCKETS for i in range(len(text) - 1)]


train, test = [], []
for label, lang in enumerate(LANGS):
    rows = [(bigrams(s), label) for s in sentences(lang)]
    train.extend(rows[:PER_LANG])
    test.extend(rows[PER_LANG:])
print(len(train), "training sentences,", len(test), "test sentences")


def bag_batch(rows):
    offsets, flat = [], []
    for grams, _ in rows:
        offsets.append(len(flat))
        flat.extend(grams)
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor([y for _, y in rows])


class LangId(nn.Module):
    def __init__(self, dim=12):
        super().__init__()
        self.grams = nn.EmbeddingBag(BUCKETS, dim, mode="mean")
        self.lin = nn.Linear(dim, len(LANGS))

    def forward(self, flat, offsets):
        return self.lin(self.grams(flat, offsets))


def accuracy(model, rows):
    model.eval()
    with torch.no_grad():
        flat, offsets, y = bag_batch(rows)
        pred = model(flat, offsets).argmax(dim=1)
    per_lang = {l: round((pred[y == i] == i).float().mean().item(), 3) for i, l in enumerate(LANGS)}
    return (pred == y).float().mean().item(), per_lang


# fault:
loader = DataLoader(train, batch_size=20, collate_fn=bag_batch)
# mended:
# loader = DataLoader(train, batch_size=20, collate_fn=bag_batch, shuffle=True)
# end
model = LangId()
optimizer = torch.optim.SGD(model.parameters(), lr=0.12, momentum=0.9)
for epoch in range(4):
    model.train()
    total = 0.0
    for flat, offsets, y in loader:
        optimizer.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(model(flat, offsets), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    acc, per_lang = accuracy(model, test)
    print(f"epoch {epoch}: mean batch loss {total / len(loader):.4f}, test accuracy {acc:.3f}, by language {per_lang}")
print(f"train accuracy {accuracy(model, train)[0]:.3f}")
