"""Kostenvoranschlag: estimate the total of a workshop quote from its line items."""
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 11
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)

KINDS = ["Dichtung", "Ventil", "Rohr", "Flansch", "Pumpe", "Schelle", "Filter", "Kabel", "Relais", "Lager"]


def make_catalogue(n):
    rng = np.random.default_rng(5)
    names, price = [], {}
    for i in range(n):
        name = f"{KINDS[i % len(KINDS)]}-{1000 + i}"
        names.append(name)
        price[name] = float(np.exp(rng.normal(0.0, 0.6)))      # in hundreds of euros
    return names, price


def make_quotes(n, names, price):
    rng = np.random.default_rng(6)
    pop = 1.0 / (np.arange(len(names)) + 60.0) ** 0.6
    pop = pop / pop.sum()
    quotes, seen = [], set()
    while len(quotes) < n:
        k = int(rng.integers(2, 7))
        items = rng.choice(len(names), size=k, replace=False, p=pop)
        qty = rng.integers(1, 4, size=k)
        text = " ; ".join(f"{q} x {names[i]}" for i, q in zip(items, qty))
        if text in seen:
            continue
        seen.add(text)
        total = sum(q * price[names[i]] for i, q in zip(items, qty)) + 0.5 + rng.normal(0, 0.1)
        quotes.append((text, float(total)))
    return quotes


def parse(text):
    out = []
    for part in text.split(" ; "):
        q, name = part.split(" x ")
        out.append((name, float(q)))
    return out


names, price = make_catalogue(2500)
quotes = make_quotes(9000, names, price)
random.shuffle(quotes)
train, dev = quotes[:8000], quotes[8000:]
index = {}
for text, _ in train:
    for name, _q in parse(text):
        index.setdefault(name, len(index) + 1)


def collate(rows):
    ids, weights, offsets, y = [], [], [], []
    for text, total in rows:
        offsets.append(len(ids))
        for name, q in parse(text):
            ids.append(index.get(name, 0))
            weights.append(q)
        y.append(total)
    return torch.tensor(ids), torch.tensor(weights), torch.tensor(offsets), torch.tensor(y)


class Estimator(nn.Module):
    def __init__(self, n, dim=6):
        super().__init__()
        # fault:
        self.items = nn.EmbeddingBag(n, dim, mode="sum")
        # mended:
        # self.items = nn.EmbeddingBag(n, dim, mode="sum", sparse=True)
        # end
        nn.init.normal_(self.items.weight, std=0.1)
        self.out = nn.Linear(dim, 1)

    def forward(self, ids, weights, offsets):
        return self.out(self.items(ids, offsets, per_sample_weights=weights)).squeeze(1)


model = Estimator(len(index) + 1)
# fault:
optimizers = [torch.optim.Adam([{"params": model.items.parameters(), "lr": 0.03}, {"params": model.out.parameters(), "lr": 0.003}])]
# mended:
# optimizers = [torch.optim.SparseAdam(model.items.parameters(), lr=0.03), torch.optim.Adam(model.out.parameters(), lr=0.003)]
# end


def evaluate():
    model.eval()
    with torch.no_grad():
        err, tot = 0.0, []
        for i in range(0, len(dev), 250):
            ids, w, off, y = collate(dev[i:i + 250])
            err += (model(ids, w, off) - y).abs().sum().item()
            tot.append(y)
    y = torch.cat(tot)
    return err / len(dev), (y - y.median()).abs().mean().item()


for epoch in range(12):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 32):
        ids, w, off, y = collate(train[i:i + 32])
        loss = F.smooth_l1_loss(model(ids, w, off), y)
        for o in optimizers:
            o.zero_grad()
        loss.backward()
        for o in optimizers:
            o.step()
        total += loss.item() * len(y)
    mae, base = evaluate()
    print(f"epoch {epoch + 1:2d}  loss {total / len(train):.4f}  dev MAE {mae:.3f} (median guess {base:.3f})")
