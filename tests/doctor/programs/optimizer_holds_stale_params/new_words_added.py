"""First learn a base vocabulary, then add the words of a new shop and go on training."""
import random

import torch
from torch import nn

random.seed(34)
torch.manual_seed(34)
base = {f"b{i}": i % 3 for i in range(60)}
added = {f"n{i}": i % 3 for i in range(60)}
small = [f"s{i}" for i in range(20)]
vocab = {w: i for i, w in enumerate(small + list(base))}


def texts(lexicon, n):
    rows = []
    for _ in range(n):
        k = random.randrange(3)
        t = random.choices([w for w, c in lexicon.items() if c == k], k=2) + random.choices(small, k=5)
        random.shuffle(t)
        rows.append((t, k))
    return rows


class Shelf(nn.Module):
    def __init__(self, n, d=20):
        super().__init__()
        self.emb = nn.Embedding(n, d)
        self.mix = nn.Sequential(nn.Linear(d, d), nn.ReLU(), nn.Linear(d, 3))

    def grow(self, n):
        old = self.emb.weight.data
        self.emb = nn.Embedding(n, old.size(1))
        self.emb.weight.data[: len(old)] = old

    def forward(self, x):
        return self.mix(self.emb(x).mean(1))


def tensors(rows):
    return torch.tensor([[vocab[w] for w in t] for t, _ in rows]), torch.tensor([k for _, k in rows])


def run(model, optimizer, train, test, epochs, name):
    for epoch in range(epochs):
        random.shuffle(train)
        x, y = tensors(train)
        for xb, yb in zip(x.split(25), y.split(25)):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(xb), yb)
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        xt, yt = tensors(test)
        print(name, f"loss {loss.item():.3f} accuracy {(model(xt).argmax(1) == yt).float().mean():.3f}")


model = Shelf(len(vocab))
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
run(model, optimizer, texts(base, 800), texts(base, 300), 8, "base shop")
for w in added:
    vocab[w] = len(vocab)
model.grow(len(vocab))
# fault:
for group in optimizer.param_groups:
    group["lr"] = 1e-2
# mended:
# optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
# end
for round in range(4):
    run(model, optimizer, texts(added, 800), texts(added, 300), 3, f"new shop, round {round}")
