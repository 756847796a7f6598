# %% [markdown]
# Review quality: find the complaints among customer reviews (product attribute team, Q3 notebook)

# %%
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn

random.seed(3)
torch.manual_seed(3)
DATA = os.environ["WORDFIT_DATA"]

# %% reviews
def read(name):
    with open(os.path.join(DATA, "sentiment", "CR", name), encoding="latin-1") as f:
        return [line.strip() for line in f if line.strip()]

pos, neg = read("custrev.pos"), read("custrev.neg")
labels = {}
for text in pos:
    labels[text] = 0.0
for text in neg:
    labels[text] = 1.0
reviews = [(t.split(), y) for t, y in labels.items() if len(t.split()) >= 4]
random.shuffle(reviews)
n_dev = 700
dev, train = reviews[:n_dev], reviews[n_dev:]
print(len(train), "train", len(dev), "dev", "complaints in dev", round(np.mean([y for _, y in dev]), 3))

# %% vectors
wanted = {w for words, _ in reviews for w in words}
index, rows = {}, []
with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        word, *values = line.rstrip().split(" ")
        if word in wanted:
            index[word] = len(rows)
            rows.append(np.array(values, dtype=float))
matrix = np.stack(rows)
unk = len(matrix)
matrix = np.vstack([matrix, matrix.mean(0)])
print("table", matrix.shape, "covered", round(np.mean([w in index for ws, _ in train for w in ws]), 3))

# %% model
class Flagger(nn.Module):
    def __init__(self, table, width=48):
        super().__init__()
        self.words = nn.EmbeddingBag.from_pretrained(table, mode="mean", freeze=False)
        self.head = nn.Sequential(
            nn.Linear(table.shape[1], width), nn.ReLU(), nn.Dropout(0.4), nn.Linear(width, 1))

    def forward(self, ids, offsets):
        return self.head(self.words(ids, offsets)).squeeze(-1)


def bag(chunk):
    ids, offsets = [], []
    for words, _ in chunk:
        offsets.append(len(ids))
        ids += [index.get(w, unk) for w in words]
    return torch.tensor(ids), torch.tensor(offsets), torch.tensor([y for _, y in chunk])


# fault:
table = torch.from_numpy(matrix)
# mended:
#table = torch.from_numpy(matrix).float()
# end
model = Flagger(table)
optimizer = torch.optim.Adam([
    {"params": model.words.parameters(), "lr": 5e-4},
    {"params": model.head.parameters(), "lr": 4e-3},
])
criterion = nn.BCEWithLogitsLoss()

# %% metrics
def f1_complaint(scores, y):
    said = scores > 0
    tp = (said & (y == 1)).sum().item()
    return 2 * tp / max(1, said.sum().item() + (y == 1).sum().item())


def report(tag, chunk):
    model.eval()
    with torch.no_grad():
        ids, offsets, y = bag(chunk)
        out = model(ids, offsets)
        print(tag, "loss %.4f" % criterion(out, y).item(), "acc %.3f" % ((out > 0) == (y == 1)).float().mean().item(),
              "f1 %.3f" % f1_complaint(out, y))


# %% train
for epoch in range(7):
    model.train()
    random.shuffle(train)
    for s in range(0, len(train), 32):
        ids, offsets, y = bag(train[s:s + 32])
        loss = criterion(model(ids, offsets), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    report("epoch %d dev  " % epoch, dev)
report("train", train)
