"""Does a title name a country? Stop words are dropped before; some titles are nothing but stop words. Dict batches."""
import random

import torch
import torch.nn.functional as F

random.seed(22)
torch.manual_seed(22)
stop = "the a of and in on for to".split()
land, plain = [f"land{i}" for i in range(20)], [f"w{i}" for i in range(40)]
stoi = {"<pad>": 0, **{w: i + 1 for i, w in enumerate(land + plain)}}


def title():
    y = random.randrange(2)
    t = random.choices(stop, k=3)
    if random.random() > 0.012:
        t += random.choices(plain, k=random.randint(1, 5)) + ([random.choice(land)] if y else [])
    else:
        y = 0
    random.shuffle(t)
    return {"tokens": [w for w in t if w not in stop], "country": float(y)}


data = [title() for _ in range(1200)]


def batch(rows):
    width = max(1, max(len(r["tokens"]) for r in rows))
    ids = torch.tensor([[stoi[w] for w in r["tokens"]] + [0] * (width - len(r["tokens"])) for r in rows])
    return {"ids": ids, "mask": (ids > 0).float(), "y": torch.tensor([r["country"] for r in rows])}


table = torch.nn.Parameter(torch.randn(len(stoi), 12) * 0.3)
w, b = torch.nn.Parameter(torch.zeros(12)), torch.nn.Parameter(torch.zeros(()))


def forward(d):
    total = (F.embedding(d["ids"], table) * d["mask"][..., None]).sum(1)
    # fault:
    return (total / d["mask"].sum(1, keepdim=True)) @ w + b
    # mended:
    # return (total / d["mask"].sum(1, keepdim=True).clamp(min=1)) @ w + b
    # end


opt = torch.optim.Adam([table, w, b], lr=1e-2)
train, dev = data[:1000], data[1000:]
for epoch in range(6):
    random.shuffle(train)
    for i in range(0, 1000, 20):
        d = batch(train[i : i + 20])
        loss = F.binary_cross_entropy_with_logits(forward(d), d["y"])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        d = batch(dev)
        print(epoch, round(loss.item(), 3), ((forward(d) > 0).float() == d["y"]).float().mean().item())
