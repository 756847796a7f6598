"""Satzähnlichkeit (STS-B, deutsch): Zeichentrigramme, Kosinus, Ähnlichkeit als Wahrscheinlichkeit."""
import csv
import gzip
import os
import zlib

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(9)
np.random.seed(9)
BASE = os.path.join(os.environ["WORDFIT_DATA"], "glue", "STS-B-multilingual")
BUCKETS = 6000


def trigrams(text):
    text = f" {text.lower().strip()} "
    grams = [text[i:i + 3] for i in range(len(text) - 2)] + ["w:" + w for w in text.split()]
    return [zlib.crc32(g.encode("utf8")) % BUCKETS for g in grams]


def load(split):
    with gzip.open(os.path.join(BASE, f"stsb-de-{split}.csv.gz"), "rt", encoding="utf8", newline="") as f:
        return [(trigrams(a), trigrams(b), float(s)) for a, b, s in csv.reader(f)]


train, dev = load("train"), load("dev")
known = {tuple(a + b) for a, b, _ in train}
dev = [r for r in dev if tuple(r[0] + r[1]) not in known]


def bag(lists):
    offsets = np.cumsum([0] + [len(l) for l in lists[:-1]])
    return torch.tensor([i for l in lists for i in l]), torch.tensor(offsets)


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, 48, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.3)
        self.scale = nn.Parameter(torch.tensor(4.0))
        self.shift = nn.Parameter(torch.tensor(-2.0))

    def forward(self, a, b):
        cos = F.cosine_similarity(self.bag(*a), self.bag(*b))
        return self.scale * cos + self.shift


def batches(rows, size):
    for i in range(0, len(rows), size):
        part = rows[i:i + size]
        score = torch.tensor([s for _, _, s in part])
        # fault:
        yield bag([a for a, _, _ in part]), bag([b for _, b, _ in part]), score
        # mended:
        # yield bag([a for a, _, _ in part]), bag([b for _, b, _ in part]), score / 5.0
        # end


model = Siamese()
lossf = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam([{"params": model.bag.parameters(), "lr": 3e-3}, {"params": [model.scale, model.shift], "lr": 2e-2}])


def pearson():
    with torch.no_grad():
        p, g = [], []
        for a, b, y in batches(dev, 500):
            p.append(torch.sigmoid(model(a, b)))
            g.append(y)
    return np.corrcoef(torch.cat(p).numpy(), torch.cat(g).numpy())[0, 1], torch.cat(p)


print("vorher: r = %.3f" % pearson()[0])
for epoch in range(6):
    np.random.shuffle(train)
    total = n = 0
    for a, b, y in batches(train, 64):
        opt.zero_grad()
        loss = lossf(model(a, b), y)
        loss.backward()
        opt.step()
        total, n = total + loss.item(), n + 1
    r, p = pearson()
    print(f"Epoche {epoch + 1}: Verlust {total / n:.4f}, dev r {r:.3f}, Vorhersage im Mittel {p.mean():.3f} (Streuung {p.std():.3f})")
