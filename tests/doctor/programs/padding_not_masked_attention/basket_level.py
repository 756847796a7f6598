"""Basket -> price class index.  Self-attention over the items of a receipt (any order, 2 to 40 items), learned query on top, regression."""
import math
import random

import torch
from torch import nn

random.seed(8)
torch.manual_seed(8)
N_ITEMS, MOST, DIM = 200, 40, 32
level = [random.gauss(0, 1) for _ in range(N_ITEMS + 1)]
weight = [random.choice([0.3, 1.0, 3.0]) for _ in range(N_ITEMS + 1)]


def receipt():
    n = min(MOST, 2 + int(random.expovariate(1 / 7)))
    items = random.choices(range(1, N_ITEMS + 1), k=n)
    w = sum(weight[i] for i in items)
    return items, sum(weight[i] * level[i] for i in items) / w + random.gauss(0, 0.1)


def tensors(rows):
    ids = torch.zeros(len(rows), max(len(items) for items, _ in rows), dtype=torch.long)
    for i, (items, _) in enumerate(rows):
        ids[i, :len(items)] = torch.tensor(items)
    return ids, torch.tensor([t for _, t in rows])


rows = [receipt() for _ in range(5000)]
train, dev = rows[:4000], rows[4000:]
dev_x, dev_t = tensors(dev)


def buckets(rows, size):
    """receipts of about the same length together, batches in random order"""
    ordered = sorted(rows, key=lambda r: len(r[0]) + random.random())
    parts = [ordered[k:k + size] for k in range(0, len(ordered), size)]
    random.shuffle(parts)
    return map(tensors, parts)


class Attend(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.q, self.k, self.v = nn.Linear(dim, dim), nn.Linear(dim, dim), nn.Linear(dim, dim)

    def forward(self, query, memory, present):
        scores = self.q(query) @ self.k(memory).transpose(1, 2) / math.sqrt(memory.shape[-1])
        # fault:
        # mended:
        # scores = scores.masked_fill(~present[:, None, :], float("-inf"))
        # end
        return scores.softmax(-1) @ self.v(memory)


class Basket(nn.Module):
    def __init__(self):
        super().__init__()
        self.items = nn.Embedding(N_ITEMS + 1, DIM, padding_idx=0)
        self.inner = Attend(DIM)
        self.pool = Attend(DIM)
        self.query = nn.Parameter(torch.randn(1, 1, DIM) * 0.2)
        self.out = nn.Linear(DIM, 1)

    def forward(self, ids):
        present = ids != 0
        e = self.items(ids)
        h = e + self.inner(e, e, present)
        pooled = self.pool(self.query.expand(len(ids), -1, -1), h, present)
        return self.out(pooled[:, 0]).squeeze(1)


model = Basket()
optim = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-4)
epochs = 10
sched = torch.optim.lr_scheduler.OneCycleLR(optim, max_lr=4e-3, total_steps=epochs * math.ceil(len(train) / 64))
for epoch in range(epochs):
    model.train()
    fit = []
    for x, t in buckets(train, 64):
        optim.zero_grad()
        loss = nn.functional.mse_loss(model(x), t)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optim.step()
        sched.step()
        fit.append(loss.item())
    model.eval()
    with torch.no_grad():
        err = nn.functional.mse_loss(model(dev_x), dev_t).item()
    print(f"epoch {epoch + 1:2d}  train mse {sum(fit) / len(fit):.4f}  dev mse {err:.4f}  dev R2 {1 - err / dev_t.var().item():.3f}")
