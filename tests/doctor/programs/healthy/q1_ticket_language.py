"""Support desk, first step: is the ticket in English or French? Hashed character n-grams and an EmbeddingBag."""
import gzip
import os
import random
import zlib

import torch
from torch import nn

random.seed(12)
torch.manual_seed(12)
path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/tatoeba-fra-eng/fra.txt.gz")
BUCKETS = 4096

english, french = set(), set()
with gzip.open(path, "rt", encoding="utf-8") as f:
    for number, line in enumerate(f):
        if number < 20000 or number % 9:
            continue
        en, fr = line.rstrip("\n").split("\t")[:2]
        english.add(en.lower())
        french.add(fr.lower())
        if number > 60000:
            break
both = english & french
sentences = [(s, 0) for s in sorted(english - both)] + [(s, 1) for s in sorted(french - both)]
random.shuffle(sentences)
sentences = sentences[:3500]


def ngrams(s):
    s = "^" + s + "$"
    return [zlib.crc32(s[i:i + k].encode("utf-8")) % BUCKETS for k in (2, 3) for i in range(len(s) - k + 1)]


coded = [(torch.tensor(ngrams(s)), label) for s, label in sentences]
train, dev = coded[:2800], coded[2800:]


def pack(rows):
    offsets = torch.tensor([0] + [len(ids) for ids, _ in rows[:-1]]).cumsum(0)
    return torch.cat([ids for ids, _ in rows]), offsets, torch.tensor([float(label) for _, label in rows])


bag = nn.EmbeddingBag(BUCKETS, 16, mode="mean")
nn.init.uniform_(bag.weight, -0.1, 0.1)
head = nn.Linear(16, 1)
opt = torch.optim.Adam([{"params": bag.parameters(), "lr": 1e-2}, {"params": head.parameters(), "lr": 5e-3}])
bce = nn.BCEWithLogitsLoss()

for epoch in range(5):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 32):
        ids, offsets, y = pack(train[i:i + 32])
        loss = bce(head(bag(ids, offsets)).squeeze(1), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    with torch.no_grad():
        ids, offsets, y = pack(dev)
        out = head(bag(ids, offsets)).squeeze(1)
        acc = ((out > 0).float() == y).float().mean().item()
    print(f"epoch {epoch + 1} train loss {total / len(train):.4f}  dev loss {bce(out, y).item():.4f}  dev acc {acc:.3f}  (majority {max(y.mean().item(), 1 - y.mean().item()):.3f})")
