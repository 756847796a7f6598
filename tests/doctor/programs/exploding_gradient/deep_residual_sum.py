"""A deep stack without normalisation over averaged word vectors."""
import random

import torch
from torch import nn

random.seed(131)
torch.manual_seed(131)
SHOPS = {
    "bakery": "bread cake roll croissant muffin".split(),
    "florist": "rose tulip bouquet lily vase".split(),
    "butcher": "steak sausage ham bacon mince".split(),
    "bookshop": "novel atlas diary comic poem".split(),
}
ASK = "i would like some for my a please do you have any the and two".split()
ids = {w: i + 1 for i, w in enumerate(ASK + [w for s in SHOPS.values() for w in s])}


def request():
    y = random.randrange(4)
    words = random.choices(ASK, k=random.randint(4, 8)) + random.choices(list(SHOPS.values())[y], k=2)
    random.shuffle(words)
    return torch.tensor([ids[w] for w in words]), y


def make(n):
    rows = [request() for _ in range(n)]
    return nn.utils.rnn.pad_sequence([r for r, _ in rows], batch_first=True), torch.tensor([y for _, y in rows])


class Unit(nn.Module):
    def __init__(self, d):
        super().__init__()
        # fault:
        self.inner = nn.Sequential(nn.Linear(d, 2 * d), nn.ReLU(), nn.Linear(2 * d, d))
        # mended:
        # self.inner = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 2 * d), nn.ReLU(), nn.Linear(2 * d, d))
        # end
        nn.init.kaiming_normal_(self.inner[-3].weight)
        nn.init.kaiming_normal_(self.inner[-1].weight)

    def forward(self, x):
        return x + self.inner(x)


class DeepBag(nn.Module):
    def __init__(self, d=32, depth=20):
        super().__init__()
        self.emb = nn.EmbeddingBag(len(ids) + 1, d, padding_idx=0)
        self.units = nn.Sequential(*[Unit(d) for _ in range(depth)])
        # fault:
        self.head = nn.Linear(d, 4)
        # mended:
        # self.head = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 4))
        # end

    def forward(self, x):
        return self.head(self.units(self.emb(x)))


x, y = make(1200)
xv, yv = make(300)
model = DeepBag()
optimizer = torch.optim.SGD(model.parameters(), lr=1e-2, momentum=0.9)
for epoch in range(5):
    total = 0.0
    for i in torch.randperm(1200).split(40):
        loss = nn.functional.cross_entropy(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        acc = (model(xv).argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch} loss {total / 30:.4g} validation accuracy {acc:.4f}")
