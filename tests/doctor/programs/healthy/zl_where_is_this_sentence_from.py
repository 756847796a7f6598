"""Baseline for a blog post: averaged GloVe vectors + a small MLP.

Is a sentence from a film review, a photo caption, or the financial news?
The vectors stay as they are; we only want to see how far plain averages go.
"""
import gzip
import os
import re
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(1234)
rng = np.random.default_rng(1234)
data = Path(os.environ["WORDFIT_DATA"])

words, rows = [], []
with gzip.open(data / "vectors" / "glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip("\n").split(" ")
        if len(v) != 25:
            continue
        words.append(w)
        rows.append(np.asarray(v, dtype=np.float32))
lookup = {w: i for i, w in enumerate(words)}
glove = torch.from_numpy(np.stack(rows))

reviews = [l.split("\t")[0] for l in open(data / "glue/SST-2/dev.tsv", encoding="utf-8")][1:]
captions = gzip.open(data / "seq2seq/multi30k/train.en.gz", "rt", encoding="utf-8").read().split("\n")[:900]
finance = [l.rsplit("@", 1)[0] for l in open(data / "sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="latin-1")]
finance = [finance[i] for i in rng.choice(len(finance), 900, replace=False)]

seen, examples = set(), []
for label, source in enumerate((reviews, captions, finance)):
    for s in source:
        ids = [lookup[t] for t in re.findall(r"[a-z]+", s.lower()) if t in lookup]
        if len(ids) >= 3 and tuple(ids) not in seen:
            seen.add(tuple(ids))
            examples.append((ids, label))
rng.shuffle(examples := np.array(examples, dtype=object))
train, test = examples[:2000], examples[2000:]
print(len(words), "vectors,", len(train), "train,", len(test), "test")


def flat(batch):
    """EmbeddingBag wants one long row of ids and where each bag starts."""
    lengths = [len(ids) for ids, _ in batch]
    starts = torch.tensor([0] + lengths[:-1]).cumsum(0)
    return torch.tensor([i for ids, _ in batch for i in ids]), starts, torch.tensor([int(y) for _, y in batch])


bag = nn.EmbeddingBag.from_pretrained(glove, mode="mean", freeze=True)
head = nn.Sequential(nn.Linear(25, 32), nn.Tanh(), nn.Linear(32, 3))
optimizer = torch.optim.AdamW(head.parameters(), lr=5e-3, weight_decay=1e-2)
criterion = nn.CrossEntropyLoss()


@torch.no_grad()
def accuracy(part):
    ids, starts, y = flat(part)
    return (head(bag(ids, starts)).argmax(dim=1) == y).float().mean().item()


for epoch in range(6):
    total = 0.0
    perm = rng.permutation(len(train))
    for start in range(0, len(perm), 40):
        ids, starts, y = flat(train[perm[start:start + 40]])
        loss = criterion(head(bag(ids, starts)), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    print(f"epoch {epoch}: loss {total / len(perm):.4f}  train {accuracy(train):.3f}  test {accuracy(test):.3f}")
