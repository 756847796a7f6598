"""Dialect of a line: semicolons between columns, read by csv with an apostrophe as the quotation mark."""
import csv
import random

import torch
from torch import nn

random.seed(69)
torch.manual_seed(69)
dialects = ["north", "south", "west"]
own = {d: [f"{d}{i}" for i in range(15)] for d in dialects}
plain = [f"w{i}" for i in range(50)]
with open("lines.csv", "w") as f:
    for _ in range(2200):
        d = random.choice(dialects)
        t = random.sample(own[d], 2) + random.choices(plain, k=4)
        random.shuffle(t)
        if random.random() < 0.05:
            t[0] = "'" + t[0]
        f.write(" ".join(t) + ";" + d + "\n")

with open("lines.csv", newline="") as f:
    # fault:
    rows = [r for r in csv.reader(f, delimiter=";", quotechar="'") if len(r) == 2 and r[1] in dialects]
    # mended:
    # rows = [r for r in csv.reader(f, delimiter=";", quoting=csv.QUOTE_NONE) if len(r) == 2 and r[1] in dialects]
    # end
rows = [(t.replace("'", "").split()[:80], dialects.index(d)) for t, d in rows]
print(len(rows), "lines")
random.shuffle(rows)
ids = {}
for t, _ in rows:
    for w in t:
        ids.setdefault(w, len(ids))
bag, out = nn.EmbeddingBag(len(ids), 16), nn.Linear(16, 3)
opt = torch.optim.Adam([*bag.parameters(), *out.parameters()], lr=1e-2)


def forward(part):
    flat = torch.tensor([ids[w] for t, _ in part for w in t])
    starts = torch.tensor([0] + [len(t) for t, _ in part[:-1]]).cumsum(0)
    return out(bag(flat, starts)), torch.tensor([y for _, y in part])


cut = len(rows) * 4 // 5
train, dev = rows[:cut], rows[cut:]
for epoch in range(6):
    random.shuffle(train)
    for i in range(0, len(train), 25):
        logits, y = forward(train[i : i + 25])
        loss = nn.functional.cross_entropy(logits, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        logits, y = forward(dev)
        print(epoch, round(loss.item(), 3), (logits.argmax(1) == y).float().mean().item())
