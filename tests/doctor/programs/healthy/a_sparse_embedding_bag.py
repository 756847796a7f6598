"""Sparse gradients for a large hashed table, dense ones for the rest: two optimisers."""
import random
import zlib

import torch
import torch.nn as nn

random.seed(3); torch.manual_seed(3)
TABLE = 20000
topics = {0: "goal match referee league striker penalty coach".split(), 1: "senate vote bill minister election law campaign".split(),
          2: "chip laptop software browser server update code".split(), 3: "novel poet painting theatre opera museum actor".split()}
common = "the a of in on after said new for with has been will its from about this week more than".split()


def article(y):
    t = random.choices(common, k=random.randint(8, 20)) + random.choices(topics[y], k=random.randint(2, 4))
    random.shuffle(t)
    return t


def hashed(t):
    grams = t + [a + "_" + b for a, b in zip(t, t[1:])]
    return [zlib.adler32(g.encode()) % TABLE for g in grams]


rows = [(hashed(article(i % 4)), i % 4) for i in range(1600)]
random.shuffle(rows)
train, dev = rows[:1200], rows[1200:]
bag = nn.EmbeddingBag(TABLE, 16, mode="mean", sparse=True)
nn.init.uniform_(bag.weight, -0.05, 0.05)
head = nn.Linear(16, 4)
sparse_opt = torch.optim.SparseAdam(bag.parameters(), lr=5e-3)
dense_opt = torch.optim.Adam(head.parameters(), lr=1e-2)


def logits(part):
    offsets = torch.tensor([0] + [len(r) for r, _ in part[:-1]]).cumsum(0)
    return head(bag(torch.tensor([i for r, _ in part for i in r]), offsets)), torch.tensor([y for _, y in part])


for epoch in range(6):
    random.shuffle(train)
    total = 0.0
    for i in range(0, 1200, 30):
        out, y = logits(train[i:i + 30])
        loss = nn.functional.cross_entropy(out, y)
        sparse_opt.zero_grad()
        dense_opt.zero_grad()
        loss.backward()
        sparse_opt.step()
        dense_opt.step()
        total += loss.item() / 40
    with torch.no_grad():
        out, y = logits(dev)
    print(f"epoch {epoch} loss {total:.4f} dev accuracy {(out.argmax(1) == y).float().mean().item():.4f}")
