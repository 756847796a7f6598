"""Language identification (en/de/fr/cs, Multi30k captions) from hashed character trigrams.
Streams the files through an IterableDataset with a shuffle buffer; sparse gradients, SparseAdam."""
import gzip
import itertools
import os
import random
import zlib

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, IterableDataset

DIR = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
BUCKETS = 1 << 14
torch.manual_seed(1)


def trigrams(text):
    s = f"^{text.strip().lower()[:24]}$"        # two or three words must do
    return [zlib.crc32(s[i:i + 3].encode()) % BUCKETS for i in range(len(s) - 2)]


class Captions(IterableDataset):
    def __init__(self, split, limit, buffer=0, seed=0):
        self.split, self.limit, self.buffer, self.rng = split, limit, buffer, random.Random(seed)

    def lines(self):
        files = [gzip.open(f"{DIR}/{self.split}.{l}.gz", "rt", encoding="utf-8") for l in LANGS]
        # every file starts elsewhere, so that one caption is not met in four languages at once
        for k, f in enumerate(files):
            files[k] = itertools.islice(f, k * self.limit, (k + 1) * self.limit) if self.buffer else itertools.islice(f, self.limit)
        for row in zip(*files):
            yield from ((t, y) for y, t in enumerate(row))

    def __iter__(self):
        it = self.lines()
        if not self.buffer:
            yield from it
            return
        hold = list(itertools.islice(it, self.buffer))
        for item in it:
            j = self.rng.randrange(len(hold))
            hold[j], item = item, hold[j]
            yield item
        self.rng.shuffle(hold)
        yield from hold


def collate(rows):
    bags = [trigrams(t) for t, _ in rows]
    flat = torch.tensor([i for b in bags for i in b])
    offsets = torch.tensor([0] + [len(b) for b in bags]).cumsum(0)      # last offset included
    return flat, offsets, torch.tensor([y for _, y in rows])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, 8, mode="mean", sparse=True, include_last_offset=True)
        self.lin = nn.Linear(8, len(LANGS))

    def forward(self, flat, offsets):
        return self.lin(self.bag(flat, offsets))


def accuracy(net, data):
    net.eval()
    good = n = 0
    with torch.inference_mode():
        for flat, off, y in DataLoader(data, batch_size=256, collate_fn=collate):
            good += (net(flat, off).argmax(1) == y).sum().item()
            n += y.numel()
    return good / n


train, val = Captions("train", 1800, buffer=1500), Captions("val", 400)
net = Net()
nn.init.normal_(net.bag.weight, std=0.1)
optims = [torch.optim.SparseAdam(net.bag.parameters(), lr=5e-3), torch.optim.Adam(net.lin.parameters(), lr=5e-3)]
loss_fn = nn.CrossEntropyLoss()
for epoch in range(3):
    net.train()
    total, seen = 0.0, 0
    for flat, off, y in DataLoader(train, batch_size=64, collate_fn=collate):
        loss = loss_fn(net(flat, off), y)
        for o in optims:
            o.zero_grad()
        loss.backward()
        for o in optims:
            o.step()
        total += loss.item() * len(y)
        seen += len(y)
    print(f"pass {epoch}: {seen} captions, loss {total / seen:.4f}, val accuracy {accuracy(net, val):.4f}")
print(f"train accuracy {accuracy(net, Captions('train', 400)):.4f}  val accuracy {accuracy(net, val):.4f}")
