"""Train on one collection of film review sentences, evaluate on another one. Bag of words and pairs of words."""
import os
import random
import re
from pathlib import Path

import torch
import torch.nn as nn

random.seed(4)
torch.manual_seed(4)
sentiment = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "sentiment"
clean = lambda s: tuple(re.findall(r"[a-z0-9]+", s.lower()))
train = []
for name, label in [("rt-polarity.pos", 1), ("rt-polarity.neg", 0)]:
    for line in (sentiment / "MR" / name).read_text(encoding="latin-1").split("\n"):
        if clean(line):
            train.append((clean(line), label))
dev = []
for line in (sentiment / "SST-2-sentences" / "stsa.binary.dev").read_text(encoding="utf-8").splitlines():
    dev.append((clean(line[1:]), int(line[0])))
# fault:
# mended:
# heads = {t[i : i + 4] for t, _ in dev for i in range(max(len(t) - 3, 1))}
# train = [(t, y) for t, y in train if not any(t[i : i + 4] in heads for i in range(max(len(t) - 3, 1)))]
# end
random.shuffle(train)
train = train[:8500]


def ngrams(t):
    return list(t) + [" ".join(p) for p in zip(t, t[1:])]


ids = {}
for t, _ in train:
    for g in ngrams(t):
        ids.setdefault(g, len(ids))
print(len(train), "training sentences,", len(ids), "features")


def pack(rows):
    seqs = [[ids[g] for g in ngrams(t) if g in ids] or [0] for t, _ in rows]
    flat = torch.tensor([i for s in seqs for i in s])
    starts = torch.tensor([0] + [len(s) for s in seqs]).cumsum(0)[:-1]
    return flat, starts, torch.tensor([y for _, y in rows])


class NgramBag(nn.Module):
    def __init__(self, d=12):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(ids), d, sparse=True)
        self.fc = nn.Linear(d, 2)

    def forward(self, flat, starts):
        return self.fc(self.bag(flat, starts))


model = NgramBag()
opts = [torch.optim.SparseAdam(model.bag.parameters(), lr=5e-3), torch.optim.Adam(model.fc.parameters(), lr=5e-3)]
for epoch in range(5):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 50):
        flat, starts, y = pack(train[i : i + 50])
        loss = nn.functional.cross_entropy(model(flat, starts), y)
        for o in opts:
            o.zero_grad()
        loss.backward()
        for o in opts:
            o.step()
        total += loss.item() * len(y)
    with torch.no_grad():
        flat, starts, y = pack(dev)
        acc = (model(flat, starts).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch} train loss {total / len(train):.4f} dev accuracy {acc:.4f}")
