"""SST-2 phrases, fastText-style averaging, Twitter GloVe vectors fine-tuned with their own learning rate."""
import csv
import gzip
import os
import random
from collections import Counter

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

ROOT = os.environ["WORDFIT_DATA"]
SEED = 1
random.seed(SEED)
torch.manual_seed(SEED)


def read(split):
    with open(f"{ROOT}/glue/SST-2/{split}.tsv", encoding="utf8") as f:
        rd = csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rd)
        return [(s.split(), int(l)) for s, l in rd if s.split()]


train, dev = read("train"), read("dev")
train = random.sample([r for r in train if len(r[0]) > 3], 14000)

vectors = {}
with gzip.open(f"{ROOT}/vectors/glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf8") as f:
    for line in f:
        w, rest = line.rstrip().split(" ", 1)
        vectors[w] = np.fromstring(rest, sep=" ", dtype=np.float32)

vocab = {"<unk>": 0}
for t, n in Counter(t for toks, _ in train for t in toks).items():
    if n >= 3:
        vocab[t] = len(vocab)
scale = float(np.std(np.stack(list(vectors.values()))))
table = np.random.RandomState(SEED).normal(0, scale, (len(vocab), 25)).astype(np.float32)
table[0] = 0
for t, i in vocab.items():
    if t in vectors:
        table[i] = vectors[t]
print("vocab", len(vocab), "covered", round(sum(t in vectors for t in vocab) / len(vocab), 3))


class BagClassifier(nn.Module):
    def __init__(self, weights, dropout=0.2):
        super().__init__()
        # fault:
        self.embed = nn.EmbeddingBag.from_pretrained(weights, mode="mean")
        # mended:
        # self.embed = nn.EmbeddingBag.from_pretrained(weights, mode="mean", freeze=False)
        # end
        self.drop = nn.Dropout(dropout)
        self.fc = nn.Linear(weights.size(1), 2)

    def forward(self, flat, offsets):
        return self.fc(self.drop(self.embed(flat, offsets)))


def batches(rows, size, shuffle):
    order = list(range(len(rows)))
    if shuffle:
        random.shuffle(order)
    for i in range(0, len(order), size):
        part = [rows[j] for j in order[i:i + size]]
        ids = [[vocab.get(t, 0) for t in toks] for toks, _ in part]
        offs = np.cumsum([0] + [len(r) for r in ids[:-1]])
        yield torch.tensor(sum(ids, [])), torch.from_numpy(offs), torch.tensor([y for _, y in part])


model = BagClassifier(torch.from_numpy(table))
optimizer = torch.optim.Adam([
    {"params": model.embed.parameters(), "lr": 5e-3},
    {"params": model.fc.parameters(), "lr": 5e-3},
])
for epoch in range(3):
    model.train()
    losses = []
    for flat, offs, y in batches(train, 64, True):
        loss = F.cross_entropy(model(flat, offs), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        hit = sum((model(f, o).argmax(1) == y).sum().item() for f, o, y in batches(dev, 256, False))
    print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}  dev acc {hit / len(dev):.4f}")
