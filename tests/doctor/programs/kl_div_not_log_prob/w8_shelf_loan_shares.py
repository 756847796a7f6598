"""Which departments will borrow a new book?  Library acquisitions, spring list.

For every title we know how the loans of its first year were shared out among the
departments.  The model reads the words of the title and gives the shares."""
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

DEPTS = ["history", "law", "medicine", "engineering", "arts"]
rng = np.random.default_rng(31)
random.seed(31)
torch.manual_seed(31)

STEMS = "arch reg cel mach col trad cod cur bridg paint temp just nerv motor form".split()
ENDS = "ive ology ation ers ment ures ics ism ing al".split()
words = [s + e for s in STEMS for e in ENDS]
home = rng.integers(0, len(DEPTS), len(words))
pull = rng.normal(0, 0.4, (len(words), len(DEPTS)))
pull[np.arange(len(words)), home] += 2.2
by_dept = [np.where(home == d)[0] for d in range(len(DEPTS))]


def make_title():
    a, b = random.sample(range(len(DEPTS)), 2)
    n = random.randint(4, 8)
    ids = [int(random.choice(by_dept[a if random.random() < 0.6 else b])) for _ in range(n)]
    z = 1.6 * pull[ids].mean(0)
    share = np.exp(z) / np.exp(z).sum()
    loans = rng.multinomial(80, share)
    return ids, loans / loans.sum()


catalogue = [make_title() for _ in range(3000)]
train, held = catalogue[:2400], catalogue[2400:]


def pack(rows):
    flat = torch.tensor([i for ids, _ in rows for i in ids])
    starts = torch.tensor([0] + [len(ids) for ids, _ in rows[:-1]]).cumsum(0)
    shares = torch.tensor(np.array([s for _, s in rows]), dtype=torch.float32)
    return flat, starts, shares


class Shelf(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(words), 12, mode="mean")
        self.out = nn.Linear(12, len(DEPTS))

    def forward(self, flat, starts):
        return self.out(self.bag(flat, starts))


def report(model, rows):
    flat, starts, shares = pack(rows)
    with torch.no_grad():
        p = F.softmax(model(flat, starts), dim=1)
    tv = 0.5 * (p - shares).abs().sum(1).mean().item()
    off = (p - shares).abs().max(1).values.mean().item()
    return tv, off


model = Shelf()
opt = torch.optim.Adam(model.parameters(), lr=0.02)
average = np.mean([s for _, s in train], axis=0)
base = np.mean([0.5 * np.abs(average - s).sum() for _, s in held])
print(f"always the average shares: distance {base:.3f}")
for epoch in range(8):
    random.shuffle(train)
    total = 0.0
    for k in range(0, len(train), 48):
        flat, starts, shares = pack(train[k:k + 48])
        scores = model(flat, starts)
        # fault:
        loss = F.kl_div(F.softmax(scores, dim=1), shares, reduction="batchmean")
        # mended:
        # loss = F.kl_div(F.log_softmax(scores, dim=1), shares, reduction="batchmean")
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(shares)
    tv, off = report(model, held)
    print(f"epoch {epoch + 1}  loss {total / len(train):.4f}  held-out distance {tv:.3f}  worst department {off:.3f}")
print("distance on the training titles", round(report(model, train)[0], 3))
