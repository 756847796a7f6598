"""Which language is this caption in? Hashed character trigrams, one bag per sentence."""
import gzip
import os
import random
import zlib

import torch
import torch.nn as nn

ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
BUCKETS = 4096
PER_LANG_TRAIN, PER_LANG_TEST = 500, 250

random.seed(11)
torch.manual_seed(11)


def read(name, n):
    with gzip.open(os.path.join(ROOT, name), "rt", encoding="utf-8") as f:
        return [next(f).strip() for _ in range(n)]


def trigrams(s):
    s = "^" + s.lower()[:40] + "$"          # forty letters are plenty for this
    return [zlib.crc32(s[i:i + 3].encode()) % BUCKETS for i in range(len(s) - 2)]


def load(split, n):
    rows = []
    for y, lang in enumerate(LANGS):
        # take different lines for each language, so captions are not translations of each other
        lines = read(f"{split}.{lang}.gz", n * 4)[y * n:(y + 1) * n]
        rows += [(trigrams(s), y) for s in lines]
    return rows


def pack(rows):
    flat, offsets = [], []
    for ids, _ in rows:
        offsets.append(len(flat))
        flat.extend(ids)
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor([y for _, y in rows])


train, test = load("train", PER_LANG_TRAIN), load("val", PER_LANG_TEST)

bag = nn.EmbeddingBag(BUCKETS, 12, mode="mean", sparse=True)
out = nn.Linear(12, len(LANGS))
opt_bag = torch.optim.SparseAdam(bag.parameters(), lr=0.02)
opt_out = torch.optim.Adam(out.parameters(), lr=0.02)


def accuracy(rows):
    flat, offsets, y = pack(rows)
    with torch.no_grad():
        return (out(bag(flat, offsets)).argmax(-1) == y).float().mean().item()


for epoch in range(1, 7):
    random.shuffle(train)
    tot = 0.0
    for i in range(0, len(train), 50):
        flat, offsets, y = pack(train[i:i + 50])
        loss = nn.functional.cross_entropy(out(bag(flat, offsets)), y)
        opt_bag.zero_grad()
        opt_out.zero_grad()
        loss.backward()
        opt_bag.step()
        opt_out.step()
        tot += loss.item() * len(y)
    print(f"epoch {epoch} loss {tot / len(train):.4f} train {accuracy(train):.3f} test {accuracy(test):.3f}")
