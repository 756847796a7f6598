#!/usr/bin/env python
# coding: utf-8
# # Which language is this caption in?  (en / de / fr / cs, hashed character trigrams)

# In[1]:
import gzip
import os
import zlib

import numpy as np
import torch
from torch import nn

torch.manual_seed(41)
np_rng = np.random.default_rng(41)
folder = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
BUCKETS = 3000

# In[2]:
def trigrams(text):
    t = f" {text.strip().lower()} "
    return [zlib.crc32(t[i:i + 3].encode("utf-8")) % BUCKETS for i in range(min(len(t) - 2, 50))]


def load(split, start, count):
    rows = []
    for k, lang in enumerate(LANGS):
        with gzip.open(os.path.join(folder, f"{split}.{lang}.gz"), "rt", encoding="utf-8") as f:
            lines = f.read().split("\n")[start:start + count]
        rows += [(trigrams(x), k) for x in lines if len(x) > 10]
    return rows


train_rows = load("train", 0, 900)
dev_rows = load("val", 0, 200)
len(train_rows), len(dev_rows)

# In[3]:
def batch(rows):
    flat = torch.tensor([i for r, _ in rows for i in r])
    off = torch.tensor(np.cumsum([0] + [len(r) for r, _ in rows[:-1]]))
    return flat, off, torch.tensor([k for _, k in rows])


class Tower(nn.Module):
    """Bag of trigrams below, a narrow and deep tower above."""

    def __init__(self, width=32, depth=8):
        super().__init__()
        self.grams = nn.EmbeddingBag(BUCKETS, width, mode="mean")
        layers = []
        for _ in range(depth):
            # fault:
            layers += [nn.Linear(width, width), nn.Sigmoid()]
            # mended:
            #layers += [nn.Linear(width, width), nn.LayerNorm(width), nn.GELU()]
            # end
        self.tower = nn.Sequential(*layers)
        self.top = nn.Linear(width, len(LANGS))

    def forward(self, flat, off):
        return self.top(self.tower(self.grams(flat, off)))


model = Tower()
print(sum(p.numel() for p in model.parameters()), "weights")

# In[4]:
def evaluate(rows):
    model.eval()
    with torch.no_grad():
        flat, off, y = batch(rows)
        z = model(flat, off)
    return nn.functional.cross_entropy(z, y).item(), (z.argmax(1) == y).float().mean().item()


opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(5):
    model.train()
    order = np_rng.permutation(len(train_rows))
    losses = []
    for i in range(0, len(order), 36):
        flat, off, y = batch([train_rows[j] for j in order[i:i + 36]])
        loss = nn.functional.cross_entropy(model(flat, off), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    dev_loss, dev_acc = evaluate(dev_rows)
    print(f"{epoch} train {np.mean(losses):.3f} dev {dev_loss:.3f} acc {dev_acc:.3f}")

# In[5]:
with torch.no_grad():
    flat, off, y = batch(dev_rows)
    guess = model(flat, off).argmax(1)
for k, lang in enumerate(LANGS):
    print(lang, "recall", round((guess[y == k] == k).float().mean().item(), 3))
