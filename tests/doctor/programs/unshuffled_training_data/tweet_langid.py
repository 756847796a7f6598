#!/usr/bin/env python3
"""Language identification of tweets with hashed character n-grams (a small fastText)."""
import os
import random
import zlib
from pathlib import Path

import torch
import torch.nn.functional as F

ROOT = Path(os.environ["WORDFIT_DATA"]) / "sentiment" / "umsab-multilingual"
LANGS = ["english", "german", "french", "italian", "portuguese", "spanish"]
BUCKETS = 1 << 14
torch.manual_seed(3)
random.seed(3)


def ngrams(s):
    words = [w for w in s.lower().split() if w[0].isalpha() and w not in ("http", "user")]
    out = []
    for w in words[:6]:
        w = f"<{w}>"
        for n in (2, 3):
            out += [zlib.crc32(w[i:i + n].encode("utf8")) % BUCKETS for i in range(len(w) - n + 1)]
    return out


def read(split, limit):
    rows = []
    for k, lang in enumerate(LANGS):
        lines = (ROOT / lang / f"{split}_text.txt").read_text(encoding="utf8").splitlines()
        for line in lines[:limit]:
            g = ngrams(line)
            if len(g) > 5:
                rows.append((g, k))
    return rows


def batchify(rows):
    flat = torch.tensor([i for g, _ in rows for i in g])
    lens = torch.tensor([0] + [len(g) for g, _ in rows[:-1]])
    return flat, lens.cumsum(0), torch.tensor([y for _, y in rows])


train, dev = read("train", 900), read("val", 150)
print(len(train), "tweets,", len(dev), "held out")

table = (torch.randn(BUCKETS, 24) * 0.1).requires_grad_()
W = (torch.randn(24, len(LANGS)) * 0.1).requires_grad_()
b = torch.zeros(len(LANGS), requires_grad=True)


def forward(flat, offsets):
    return F.embedding_bag(flat, table, offsets, mode="mean") @ W + b


def accuracy(rows):
    hits = torch.zeros(len(LANGS))
    tot = torch.zeros(len(LANGS))
    with torch.no_grad():
        flat, off, y = batchify(rows)
        ok = (forward(flat, off).argmax(1) == y).float()
        hits.index_add_(0, y, ok)
        tot.index_add_(0, y, torch.ones(len(y)))
    return (hits.sum() / tot.sum()).item(), (hits / tot).tolist()


optimizer = torch.optim.RMSprop([table, W, b], lr=4e-3)
BS = 50
for epoch in range(3):
    # fault:
    order = list(range(len(train)))
    # mended:
    # order = random.sample(range(len(train)), len(train))
    # end
    total = 0.0
    for s in range(0, len(order), BS):
        flat, off, y = batchify([train[i] for i in order[s:s + BS]])
        loss = F.cross_entropy(forward(flat, off), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    acc, each = accuracy(dev)
    print(f"epoch {epoch} loss {total / len(train):.4f} dev acc {acc:.3f} |", " ".join(f"{l[:2]} {a:.2f}" for l, a in zip(LANGS, each)))
