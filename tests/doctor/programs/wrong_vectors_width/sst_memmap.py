"""Sentiment on SST sentences with GloVe kept in a flat binary file (quick to map, no parsing at every start)."""
import gzip
import json
import os

import numpy as np
import torch
import torch.nn as nn

DATA = os.environ["WORDFIT_DATA"]
torch.manual_seed(2)
MAX_WORDS = 10000


def convert():
    names, rows = [], []
    with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for _, line in zip(range(MAX_WORDS), f):
            w, rest = line.rstrip().split(" ", 1)
            names.append(w)
            rows.append(rest)
    np.array(" ".join(rows).split(), dtype=np.float32).tofile("glove.bin")
    with open("glove.words.json", "w") as f:
        json.dump(names, f)


if not os.path.exists("glove.bin"):
    convert()

# fault:
EMB_DIM = 25
# mended:
# EMB_DIM = 50
# end
with open("glove.words.json") as f:
    names = json.load(f)
flat = np.memmap("glove.bin", dtype=np.float32, mode="r")
table = np.array(flat.reshape(-1, EMB_DIM)[:len(names)])
word2id = {w: i + 1 for i, w in enumerate(names)}


def read(split, n=None):
    xs, ys = [], []
    with open(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.{split}", encoding="utf-8", errors="replace") as f:
        for line in f:
            y, s = line.rstrip("\n").split(" ", 1)
            ids = [word2id[w] for w in s.split() if w in word2id]
            if ids:
                xs.append(torch.tensor(ids[:40]))
                ys.append(int(y))
    order = np.random.RandomState(0).permutation(len(xs))[:n]
    return [(xs[i], ys[i]) for i in order]


train, dev = read("train"), read("dev")


class Pooled(nn.Module):
    def __init__(self):
        super().__init__()
        weight = torch.cat([torch.zeros(1, EMB_DIM), torch.from_numpy(table)])
        self.embedding = nn.Embedding.from_pretrained(weight, freeze=True, padding_idx=0)
        self.fc1 = nn.Linear(2 * EMB_DIM, 96)
        self.fc2 = nn.Linear(96, 2)
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        pad = (x == 0).unsqueeze(2)
        e = self.embedding(x)
        mean = e.sum(1) / (~pad).sum(1)
        top = e.masked_fill(pad, -1e4).max(1).values
        h = torch.relu(self.fc1(torch.cat([mean, top], 1)))
        return self.fc2(self.drop(h))


def batches(rows, size, shuffle):
    order = torch.randperm(len(rows)) if shuffle else torch.arange(len(rows))
    for idx in order.split(size):
        xs, ys = zip(*[rows[i] for i in idx.tolist()])
        yield nn.utils.rnn.pad_sequence(xs, batch_first=True), torch.tensor(ys)


model = Pooled()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=4e-3)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.75)
criterion = nn.CrossEntropyLoss()
for epoch in range(1, 9):
    model.train()
    total = 0.0
    for x, y in batches(train, 64, True):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    scheduler.step()
    model.eval()
    good, dl = 0, 0.0
    with torch.no_grad():
        for x, y in batches(dev, 200, False):
            z = model(x)
            good += (z.argmax(1) == y).sum().item()
            dl += criterion(z, y).item() * len(y)
    print(f"epoch {epoch} train loss {total / len(train):.4f} dev loss {dl / len(dev):.4f} dev acc {good / len(dev):.4f}")
