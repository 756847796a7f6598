import random

import torch
import torch.nn as nn

random.seed(63)
torch.manual_seed(63)
SEASON = {
    0: "snow ice frost sledge skates gloves".split(),
    1: "blossom tulip lamb easter drizzle nest".split(),
    2: "beach heat sunburn icecream swim barbecue".split(),
    3: "harvest leaves pumpkin mushroom fog acorn".split(),
}
WORDS = "the day was with and some children near home for they in we".split()
stoi = {w: i + 1 for i, w in enumerate(WORDS + [w for s in SEASON.values() for w in s])}


def postcard():
    y = random.randrange(4)
    t = random.choices(WORDS, k=random.randint(4, 8)) + random.choices(SEASON[y], k=2)
    random.shuffle(t)
    return [stoi[w] for w in t] + [0] * (10 - len(t)), y


def stack(dim, depth):
    layers = []
    for _ in range(depth):
        # fault:
        layers += [nn.Linear(dim, dim), nn.Sigmoid()]
        # mended:
        # layers += [nn.Linear(dim, dim), nn.LayerNorm(dim), nn.ReLU()]
        # end
    return nn.Sequential(*layers)


class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.EmbeddingBag(len(stoi) + 1, 32, mode="mean", padding_idx=0)
        self.mlp = stack(32, 9)
        self.last = nn.Linear(32, 4)

    def forward(self, x):
        return self.last(self.mlp(self.emb(x)))


rows = [postcard() for _ in range(2400)]
x, y = torch.tensor([r for r, _ in rows]), torch.tensor([c for _, c in rows])
model = Deep()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(6):
    total = 0.0
    for idx in torch.randperm(2000).split(50):
        loss = nn.functional.cross_entropy(model(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        acc = (model(x[2000:]).argmax(1) == y[2000:]).float().mean().item()
    print(f"{epoch} train {total / 40:.4f} dev {acc:.3f}")
