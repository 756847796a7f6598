"""Grades requests from their log events: how large a share of the work was slow or failing (calm, strained, bad)?"""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence

SEED = 2
random.seed(SEED)
torch.manual_seed(SEED)
PARTS = ["db", "cache", "queue", "auth", "disk"]
GRADES = ["calm", "strained", "bad"]
LEVELS = ["info", "debug", "warn", "error"]
EVENTS = [f"{p}.{lvl}" for p in PARTS for lvl in LEVELS] + ["http.get", "http.post", "gc.run", "timer.tick", "user.click", "retry"]
vocab = {"<pad>": 0, **{e: i + 1 for i, e in enumerate(EVENTS)}}


def request():
    n = min(40, 4 + int(random.paretovariate(1.3) * 3))
    trouble = random.random()
    events = []
    for _ in range(n):
        level = random.choice(["warn", "error"]) if random.random() < trouble else random.choice(["info", "debug"])
        events.append(random.choice([e for e in EVENTS if e.endswith(level)]) if random.random() < 0.85 else random.choice(EVENTS[20:]))
    share = sum(e.endswith(("warn", "error")) for e in events) / n
    return tuple(events), 0 if share < 0.25 else 1 if share < 0.55 else 2


pool = {}
while len(pool) < 2400:
    events, grade = request()
    pool[events] = grade
pool = list(pool.items())
train, valid = pool[:1900], pool[1900:]


def collate(rows):
    xs = [torch.tensor([vocab[e] for e in events]) for events, _ in rows]
    return pad_sequence(xs, batch_first=True), torch.tensor([grade for _, grade in rows])


def buckets(rows, size):
    """requests of like length together, the buckets in random order"""
    rows = sorted(rows, key=lambda r: (len(r[0]), random.random()))
    chunks = [rows[i:i + size] for i in range(0, len(rows), size)]
    random.shuffle(chunks)
    return [collate(c) for c in chunks]


class Attend(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.query = nn.Parameter(torch.randn(d) * 0.1)
        self.key = nn.Linear(d, d)
        self.value = nn.Linear(d, d)

    def forward(self, h, pad):
        scores = self.key(h) @ self.query / h.size(-1) ** 0.5
        # fault:
        weights = scores.softmax(dim=1)
        # mended:
        #weights = scores.masked_fill(pad, float("-inf")).softmax(dim=1)
        # end
        return (weights.unsqueeze(-1) * self.value(h)).sum(1)


class Grader(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), d, padding_idx=0)
        self.mix = nn.Linear(d, d)
        self.attend = Attend(d)
        self.out = nn.Linear(d, len(GRADES))

    def forward(self, x):
        h = torch.tanh(self.mix(self.emb(x)))
        return self.out(self.attend(h, x == 0))


model = Grader()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
valid_x, valid_y = collate(valid)

for epoch in range(7):
    model.train()
    seen = correct = 0
    for x, y in buckets(train, 32):
        out = model(x)
        loss = F.cross_entropy(out, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen += len(y)
        correct += (out.argmax(1) == y).sum().item()
    model.eval()
    with torch.no_grad():
        out = model(valid_x)
        acc = (out.argmax(1) == valid_y).float().mean().item()
        vloss = F.cross_entropy(out, valid_y).item()
    print(f"epoch {epoch:2d}  train acc {correct / seen:.3f}  valid acc {acc:.3f}  valid loss {vloss:.3f}")
