#!/usr/bin/env python
"""bench_ranking.py - which pair-wise/list-wise loss ranks a synthetic product catalogue best?

Two towers of averaged word vectors (query, title), trained with BPR, hinge or in-batch softmax at two widths each.
Every setting starts from the same seed; MRR over the whole catalogue for queries that were not trained on.
"""
import itertools
import time
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(2024)
CATS, BRANDS, COLOURS, MATERIALS = 12, 8, 6, 5
# every attribute value has a catalogue word and three ways in which customers put it
base = np.cumsum([0, CATS, BRANDS, COLOURS])
n_values = CATS + BRANDS + COLOURS + MATERIALS
catalogue = np.array(list(itertools.product(range(CATS), range(BRANDS), range(COLOURS), range(MATERIALS))))
catalogue = catalogue[rng.permutation(len(catalogue))[:400]] + np.append(base[:3], base[3])
ASKED = 3 * n_values + 20                                    # customers' words and 20 words without meaning


def make_query(title):
    parts = title if rng.random() < 0.7 else rng.permutation(title)[:3]        # some leave an attribute out
    words = [3 * v + rng.integers(3) for v in parts]
    words += list(3 * n_values + rng.integers(20, size=rng.integers(0, 3)))
    rng.shuffle(words)
    return tuple(int(w) for w in words)


pairs = {}
while len(pairs) < 3200:
    k = int(rng.integers(len(catalogue)))
    pairs.setdefault(make_query(catalogue[k]), k)
pairs = list(pairs.items())
train, test = pairs[:2700], pairs[2700:]
titles = torch.from_numpy(catalogue)


def flat(queries):
    offsets = np.cumsum([0] + [len(q) for q in queries[:-1]])
    return torch.tensor(list(itertools.chain(*queries))), torch.from_numpy(offsets)


class TwoTowers(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.query = nn.EmbeddingBag(ASKED, dim, mode="sum")
        self.title = nn.EmbeddingBag(n_values, dim, mode="sum")
        for m in (self.query, self.title):
            nn.init.normal_(m.weight, std=0.3)

    def forward(self, q, t):
        return self.query(*q), self.title(t)


def bpr(q, pos, neg):
    return -F.logsigmoid((q * pos).sum(1) - (q * neg).sum(1)).mean()


def hinge(q, pos, neg):
    return F.relu(1 - (q * pos).sum(1) + (q * neg).sum(1)).mean()


def mrr(model, rows):
    model.eval()
    with torch.no_grad():
        q, t = model(flat([r[0] for r in rows]), titles)
        s = q @ t.t()
        gold = s[torch.arange(len(rows)), [r[1] for r in rows]].unsqueeze(1)
        return (1.0 / (1 + (s > gold).sum(1).float())).mean().item()


def run(name, dim, lr=0.03, epochs=4, bs=90):
    torch.manual_seed(0)
    model = TwoTowers(dim)
    opt = torch.optim.Adagrad(model.parameters(), lr=lr * 4)
    for _ in range(epochs):
        model.train()
        total = 0.0
        for idx in torch.randperm(len(train)).split(bs):
            rows = [train[i] for i in idx.tolist()]
            y = torch.tensor([r[1] for r in rows])
            if name == "softmax":
                q, t = model(flat([r[0] for r in rows]), titles[y])
                same = (y[:, None] == y[None]) & ~torch.eye(len(y), dtype=torch.bool)   # the same product twice is no negative
                loss = F.cross_entropy((q @ t.t()).masked_fill(same, float("-inf")), torch.arange(len(y)))
            else:
                other = (y + torch.randint(1, len(titles), y.shape)) % len(titles)
                q, t = model(flat([r[0] for r in rows]), torch.cat([titles[y], titles[other]]))
                loss = (bpr if name == "bpr" else hinge)(q, *t.chunk(2))
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(y)
    return total / len(train), mrr(model, train[:500]), mrr(model, test)


print("random ranking would give MRR %.3f" % (1 / np.arange(1, len(titles) + 1)).mean())
print(f"{'loss':>8s} {'dim':>4s} {'final':>8s} {'train':>7s} {'test':>7s} {'sec':>6s}")
for name, dim in itertools.product(["bpr", "hinge", "softmax"], [16, 24]):
    t0 = time.process_time()
    final, a, b = run(name, dim)
    print(f"{name:>8s} {dim:4d} {final:8.4f} {a:7.3f} {b:7.3f} {time.process_time() - t0:6.2f}")
