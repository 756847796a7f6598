"""Price of a used bicycle from its advert; a bag of parts and a small network."""
import random

import torch
from torch import nn

random.seed(25)
torch.manual_seed(25)
worth = {"carbon": 90, "steel": -20, "rusty": -60, "new": 70, "electric": 120, "child": -50, "racing": 60, "basket": 5}
plain = "bike with and a for sale good wheel frame blue red".split()
v = {w: i + 1 for i, w in enumerate(list(worth) + plain)}


def advert():
    t = random.sample(list(worth), random.randint(1, 3)) + random.choices(plain, k=5)
    random.shuffle(t)
    return torch.tensor([v[w] for w in t] + [0] * (8 - len(t))), 3.0 + sum(worth.get(w, 0) for w in t) / 50 + random.gauss(0, 0.2)


data = [advert() for _ in range(1500)]
x, y = torch.stack([a for a, _ in data]), torch.tensor([p for _, p in data])


class Price(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(v) + 1, 24, padding_idx=0)
        self.h = nn.GRU(24, 32, batch_first=True)
        self.o = nn.Linear(32, 1)

    def forward(self, x):
        states, _ = self.h(self.e(x))
        keep = (x != 0).unsqueeze(-1)
        return self.o((states * keep).sum(1) / keep.sum(1)).squeeze(1)


model = Price()
# fault:
opt = torch.optim.SGD(model.parameters(), lr=1e-5, momentum=0.9)
# mended:
# opt = torch.optim.SGD(model.parameters(), lr=2e-2, momentum=0.9)
# end
for epoch in range(8):
    total = 0.0
    for b in torch.randperm(1200).split(30):
        loss = nn.functional.mse_loss(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        err = nn.functional.mse_loss(model(x[1200:]), y[1200:]).item()
    print(f"epoch {epoch} mse {total / 40:.3f} new adverts {err:.3f} variance {y.var():.3f}")
