"""Author of a line: a generator goes through one author's lines after the other; offsets and a bag."""
import random

import torch
from torch import nn

random.seed(28)
torch.manual_seed(28)
authors = {a: [f"{a}{i}" for i in range(25)] for a in ("austen", "doyle", "verne")}
plain = [f"w{i}" for i in range(80)]
stoi = {w: i for i, w in enumerate(sum(authors.values(), []) + plain)}
lines = {a: [random.choices(own, k=2) + random.choices(plain, k=random.randint(4, 9)) for _ in range(380)] for a, own in authors.items()}


def read(part, size=20):
    # fault:
    rows = [(t, n) for n, a in enumerate(lines) for t in lines[a][part]]
    # mended:
    # rows = [(t, n) for n, a in enumerate(lines) for t in lines[a][part]]
    # random.shuffle(rows)
    # end
    for i in range(0, len(rows), size):
        some = rows[i : i + size]
        flat = torch.tensor([stoi[w] for t, _ in some for w in t])
        starts = torch.tensor([0] + [len(t) for t, _ in some[:-1]]).cumsum(0)
        yield flat, starts, torch.tensor([n for _, n in some])


net = nn.ModuleList([nn.EmbeddingBag(len(stoi), 16, mode="sum"), nn.Linear(16, 3)])
opt = torch.optim.SGD(net.parameters(), lr=0.3)
for epoch in range(25):
    for flat, starts, y in read(slice(0, 300)):
        loss = nn.functional.cross_entropy(net[1](net[0](flat, starts)), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        hits = sum((net[1](net[0](f, s)).argmax(1) == y).sum().item() for f, s, y in read(slice(300, 380)))
    print(epoch, round(loss.item(), 3), hits / 240)
