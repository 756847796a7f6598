"""Breed or colour? Own vectors with small values; names that have none get numbers between 0 and 1 (numpy's rand)."""
import random

import numpy as np
import torch
from torch import nn

random.seed(63)
np.random.seed(63)
torch.manual_seed(63)
D = 25
breed, colour, plain = [f"br{i}" for i in range(40)], [f"co{i}" for i in range(40)], [f"w{i}" for i in range(60)]
names = [f"Rex{i}" for i in range(300)]
axis = np.random.randn(D)
axis /= np.linalg.norm(axis)
with open("pets.txt", "w") as f:
    for ws, s in ((breed, 1), (colour, -1), (plain, 0)):
        for w in ws:
            f.write(w + " " + " ".join("%.5f" % x for x in 0.02 * np.random.randn(D) + 0.06 * s * axis) + "\n")


def advert(part):
    y = random.randrange(2)
    t = [random.choice((colour, breed)[y][part])] + random.choices(plain, k=3) + random.choices(names, k=4)
    random.shuffle(t)
    return t, float(y)


train, dev = [advert(slice(0, 28)) for _ in range(800)], [advert(slice(28, 40)) for _ in range(250)]
vectors = {l.split()[0]: np.array(l.split()[1:], dtype=np.float32) for l in open("pets.txt")}
vocab = sorted({w for t, _ in train + dev for w in t})
index = {w: i for i, w in enumerate(vocab)}
spread = np.stack(list(vectors.values())).std()
weight = np.zeros((len(vocab), D), dtype=np.float32)
for w in vocab:
    if w in vectors:
        weight[index[w]] = vectors[w]
    else:
        # fault:
        weight[index[w]] = np.random.rand(D)
        # mended:
        # weight[index[w]] = np.random.randn(D) * spread
        # end


class Advert(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(torch.from_numpy(weight), mode="mean", freeze=True)
        self.net = nn.Sequential(nn.Linear(D, 24), nn.Tanh(), nn.Linear(24, 1))

    def forward(self, texts):
        flat = torch.tensor([index[w] for t in texts for w in t])
        return self.net(20 * self.bag(flat, torch.arange(0, len(flat), 8))).squeeze(1)


model = Advert()
opt = torch.optim.Adam(model.net.parameters(), lr=5e-3)
for epoch in range(10):
    random.shuffle(train)
    for i in range(0, 800, 20):
        t, y = zip(*train[i : i + 20])
        loss = nn.functional.binary_cross_entropy_with_logits(model(t), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        t, y = zip(*dev)
        print(epoch, round(loss.item(), 3), ((model(t) > 0) == (torch.tensor(y) > 0.5)).float().mean().item())
