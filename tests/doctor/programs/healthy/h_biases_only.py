"""Adapts a sentence encoder from one shop to another by training nothing but biases and the last layer (after BitFit)."""
import copy
import random

import torch
from torch import nn

random.seed(201)
torch.manual_seed(201)
goods = {s: [f"{s}{i}" for i in range(30)] for s in ("book", "toy", "tool", "food")}
talk = [f"w{i}" for i in range(60)]
ids = {w: i + 1 for i, w in enumerate(sum(goods.values(), []) + talk)}
kinds = list(goods)


def ask(task):
    k = random.randrange(4)
    t = random.choices(goods[kinds[k]], k=2) + random.choices(talk, k=random.randint(2, 7))
    random.shuffle(t)
    return t, k if task == "kind" else int(k in (1, 3))


def batch(rows):
    return nn.utils.rnn.pad_sequence([torch.tensor([ids[w] for w in t]) for t, _ in rows], batch_first=True), torch.tensor([y for _, y in rows])


class Encoder(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.emb = nn.Embedding(len(ids) + 1, 24, padding_idx=0)
        self.one = nn.Linear(24, 48)
        self.two = nn.Linear(48, 48)
        self.out = nn.Linear(48, classes)

    def forward(self, x):
        real = (x > 0).unsqueeze(2)
        h = torch.tanh(self.one(self.emb(x)))
        h = (h * real).sum(1) / real.sum(1)
        return self.out(torch.tanh(self.two(h)))


def fit(model, rows, dev, lr, epochs, name):
    opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=lr)
    xd, yd = batch(dev)
    for epoch in range(epochs):
        random.shuffle(rows)
        for i in range(0, len(rows), 25):
            x, y = batch(rows[i:i + 25])
            loss = nn.functional.cross_entropy(model(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            print(f"{name} epoch {epoch} loss {loss.item():.4f} dev {(model(xd).argmax(1) == yd).float().mean().item():.4f}")


first = Encoder(4)
fit(first, [ask("kind") for _ in range(1000)], [ask("kind") for _ in range(300)], 5e-3, 6, "kind")
second = copy.deepcopy(first)
second.out = nn.Linear(48, 2)
for name, p in second.named_parameters():
    p.requires_grad = name.endswith("bias") or name.startswith("out")
print("trained:", [n for n, p in second.named_parameters() if p.requires_grad])
fit(second, [ask("for children") for _ in range(500)], [ask("for children") for _ in range(300)], 1e-2, 6, "for children")
