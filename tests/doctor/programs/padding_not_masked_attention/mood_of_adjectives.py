"""Mood of a diary entry: attention has to look at the adjectives and leave the rest alone. (T, B) layout."""
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

random.seed(45)
torch.manual_seed(45)
adjectives = {f"adj{i}": random.uniform(-1, 1) for i in range(40)}
others = [f"oth{i}" for i in range(60)]
ids = {w: i + 1 for i, w in enumerate(list(adjectives) + others)}


def entry(low, high):
    n = random.randint(low, high)
    words = random.sample(list(adjectives), max(1, n // 5)) + random.choices(others, k=n - max(1, n // 5))
    random.shuffle(words)
    mood = [adjectives[w] for w in words if w in adjectives]
    return torch.tensor([ids[w] for w in words]), sum(mood) / len(mood)


train = [entry(4, 20) for _ in range(1000)]
test = [entry(4, 20) for _ in range(250)] + [entry(60, 80) for _ in range(5)]
random.shuffle(test)


class Mood(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.embed = nn.Embedding(len(ids) + 1, d, padding_idx=0)
        self.key = nn.Linear(d, d)
        self.query = nn.Parameter(torch.randn(d) * 0.3)
        self.value = nn.Linear(d, 1)

    def forward(self, x):
        e = self.embed(x)  # (T, B, d)
        scores = torch.tanh(self.key(e)) @ self.query
        # fault:
        alpha = torch.softmax(scores, dim=0)
        # mended:
        # alpha = torch.softmax(scores.masked_fill(x.eq(0), float("-inf")), dim=0)
        # end
        return (alpha * self.value(e).squeeze(-1)).sum(0)


def batches(rows, size):
    for i in range(0, len(rows), size):
        part = rows[i : i + size]
        yield pad_sequence([t for t, _ in part]), torch.tensor([m for _, m in part])


model = Mood()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(10):
    # texts of like length go together
    buckets = list(batches(sorted(train, key=lambda r: len(r[0])), 10))
    random.shuffle(buckets)
    total = 0.0
    for x, y in buckets:
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        x, y = next(batches(test, len(test)))
        p = model(x)
        r2 = 1 - ((p - y) ** 2).mean() / y.var()
    print(f"epoch {epoch} mse {total / 100:.4f} test R2 {r2:.3f}")
