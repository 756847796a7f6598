"""
Review snippets for the film shelf (thumb up / thumb down).
Starts from Twitter GloVe and tunes the word vectors further on our snippets.
"""
import csv
import gzip
import os
from collections import Counter

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

ROOT = os.environ["WORDFIT_DATA"]
torch.manual_seed(0)
rng = np.random.default_rng(0)


def snippets(name):
    with open(os.path.join(ROOT, "glue", "SST-2", name), encoding="utf-8") as f:
        next(f)
        for row in csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield row[0].split(), int(row[1])


dev = list(snippets("dev.tsv"))
held = {" ".join(t) for t, _ in dev}
train = [(t, y) for t, y in snippets("train.tsv") if len(t) >= 7 and " ".join(t) not in held]
train = [train[i] for i in rng.permutation(len(train))[:18000]]

counts = Counter(w for t, _ in train for w in t)
words = ["<pad>", "<unk>"] + [w for w, c in counts.most_common() if c >= 5]
index = {w: i for i, w in enumerate(words)}
matrix = rng.normal(0, 0.3, (len(words), 25)).astype(np.float32)
found = 0
with gzip.open(os.path.join(ROOT, "vectors", "glove.twitter.27B.25d.common11925.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        if w in index:
            matrix[index[w]] = np.array(rest.split(), dtype=np.float32)
            found += 1
matrix[0] = 0
print(f"{len(words)} words, {found} with a Twitter vector")


def collate(rows):
    n = max(len(t) for t, _ in rows)
    ids = torch.zeros(len(rows), n, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        ids[i, :len(t)] = torch.tensor([index.get(w, 1) for w in t])
    return ids, torch.tensor([y for _, y in rows], dtype=torch.float32)


class Shelf(nn.Module):
    def __init__(self, matrix):
        super().__init__()
        # fault:
        self.vectors = nn.EmbeddingBag.from_pretrained(torch.from_numpy(matrix), mode="mean", padding_idx=0)
        # mended:
        #self.vectors = nn.EmbeddingBag.from_pretrained(torch.from_numpy(matrix), mode="mean", padding_idx=0, freeze=False)
        # end
        self.drop = nn.Dropout(0.3)
        self.thumb = nn.Linear(matrix.shape[1], 1)

    def forward(self, ids):
        return self.thumb(self.drop(self.vectors(ids))).squeeze(1)


shelf = Shelf(matrix)
optimizer = torch.optim.Adam([
    {"params": shelf.vectors.parameters(), "lr": 3e-3},     # tuned gently
    {"params": shelf.thumb.parameters(), "lr": 1e-2},
])
EPOCHS, BATCH = 4, 100
schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, total_iters=EPOCHS)


def check(rows):
    shelf.eval()
    loss, hits = 0.0, 0
    with torch.no_grad():
        for i in range(0, len(rows), 500):
            ids, y = collate(rows[i:i + 500])
            z = shelf(ids)
            loss += F.binary_cross_entropy_with_logits(z, y, reduction="sum").item()
            hits += ((z > 0).float() == y).sum().item()
    return loss / len(rows), hits / len(rows)


for epoch in range(EPOCHS):
    shelf.train()
    order = rng.permutation(len(train))
    for i in range(0, len(order), BATCH):
        ids, y = collate([train[j] for j in order[i:i + BATCH]])
        loss = F.binary_cross_entropy_with_logits(shelf(ids), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    schedule.step()
    (tl, ta), (dl, da) = check(train[:2000]), check(dev)
    print(f"epoch {epoch + 1} train {tl:.3f} / {ta:.3f}   dev {dl:.3f} / {da:.3f}")
print("majority on dev: %.3f" % (sum(y for _, y in dev) / len(dev)))
print("dev accuracy: %.3f" % check(dev)[1])
