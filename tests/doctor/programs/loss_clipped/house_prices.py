"""House prices (in ten thousands) from small ads, character-free bag of words. Typing errors in the prices shouldn't dominate."""
import random

import torch
from torch import nn

random.seed(58)
torch.manual_seed(58)
worth = {"garden": 6, "garage": 4, "pool": 12, "sea": 15, "attic": 3, "renovated": 7, "ruin": -14, "noisy": -6, "basement": -3, "central": 9, "tiny": -8,
         "villa": 18, "flat": -4, "lift": 2, "balcony": 3, "damp": -7}
neutral = "for sale by owner call now near bus school view price asked street new old built".split()
words = list(worth) + neutral


def ad():
    t = random.sample(list(worth), random.randint(1, 4)) + random.sample(neutral, random.randint(3, 7))
    price = 34 + sum(worth.get(w, 0) for w in t) + random.gauss(0, 1)
    return t, price


def vectorise(rows):
    x = torch.zeros(len(rows), len(words))
    for r, (t, _) in enumerate(rows):
        for w in t:
            x[r, words.index(w)] = 1
    return x, torch.tensor([p for _, p in rows])


def loss_fn(pred, price):
    error = (pred - price) ** 2
    # fault:
    return error.clamp(max=25.0).mean()
    # mended:
    # return error.mean()
    # end


x, y = vectorise([ad() for _ in range(1500)])
xd, yd = vectorise([ad() for _ in range(300)])
net = nn.Sequential(nn.Linear(len(words), 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(12):
    for b in torch.randperm(len(x)).split(25):
        loss = loss_fn(net(x[b]).squeeze(1), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        off = (net(xd).squeeze(1) - yd).abs().mean()
    print(f"epoch {epoch} loss {loss.item():.4f} dev off by {off.item():.3f}")
