#!/usr/bin/env python
"""kcal of a meal from its list of ingredients (additive model + interaction MLP)."""
import torch, random
import numpy as np
from torch import nn

SEED = 2024
random.seed(SEED)
torch.manual_seed(SEED)
g = np.random.default_rng(SEED)

# ---------------------------------------------------------------- data
stems = ["ric", "pot", "bea", "len", "chi", "por", "sal", "tun", "egg", "che", "but", "cre", "oat", "app", "ban", "nut",
         "hon", "oil", "tof", "cor", "pea", "mil", "bre", "pas", "tom", "oni", "spi", "cab", "gra", "dat"]
foods = [s + e for s in stems for e in ("", "flour", "mash", "paste", "crisp")]
kcal = dict(zip(foods, g.gamma(2.0, 0.5, len(foods))))        # in units of 100 kcal


def meal():
    n = int(min(2 + g.geometric(0.22), 28))
    items = [foods[i] for i in g.integers(0, len(foods), n)]
    total = sum(kcal[f] for f in items)
    if "oil" in items:
        total *= 1.15
    return items, total + g.normal(0, 0.2)


data = [meal() for _ in range(4000)]
train, dev = data[:3300], data[3300:]

PAD = "<pad>"
itos = [PAD] + sorted(foods)
stoi = {w: i for i, w in enumerate(itos)}


def collate(rows):
    width = max(len(r[0]) for r in rows)
    x = torch.tensor([[stoi[w] for w in r[0]] + [stoi[PAD]] * (width - len(r[0])) for r in rows])
    return x, torch.tensor([r[1] for r in rows], dtype=torch.float32)


# ---------------------------------------------------------------- model
class MealNet(nn.Module):
    def __init__(self, n, d=32):
        super().__init__()
        self.food = nn.Embedding(n, d, padding_idx=0)
        self.head = nn.Sequential(nn.Linear(d, 32), nn.ReLU(), nn.Linear(32, 1))
        self.linear = nn.Linear(d, 1)
        self.init_weights()

    def init_weights(self):
        # fault:
        for p in self.parameters():
            if p.dim() > 1:
                nn.init.xavier_normal_(p, gain=1.5)
        # mended:
        # for p in self.parameters():
        #     if p.dim() > 1:
        #         nn.init.xavier_normal_(p, gain=1.5)
        # with torch.no_grad():
        #     self.food.weight[0].zero_()
        # end

    def forward(self, x):
        s = self.food(x).sum(1)
        return (self.linear(s) + self.head(s)).squeeze(1)


net = MealNet(len(itos))
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
EPOCHS, BS = 6, 32
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * (len(train) // BS))

# meals of a like length go together
train.sort(key=lambda r: len(r[0]))
batches = [train[i:i + BS] for i in range(0, len(train) - BS + 1, BS)]


def evaluate(rows):
    net.eval()
    with torch.no_grad():
        x, y = collate(rows)
        p = net(x)
    mae = (p - y).abs().mean().item()
    r2 = 1 - ((p - y) ** 2).sum().item() / ((y - y.mean()) ** 2).sum().item()
    return mae, r2


for epoch in range(1, EPOCHS + 1):
    net.train()
    random.shuffle(batches)
    losses = []
    for b in batches:
        x, y = collate(b)
        loss = nn.functional.smooth_l1_loss(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        losses.append(loss.item())
    mae, r2 = evaluate(dev)
    print(f"{epoch:2d} huber {np.mean(losses):.4f}  dev MAE {100 * mae:.0f} kcal  R2 {r2:.3f}")
mae, r2 = evaluate(random.sample(train, 700))
print(f"train sample MAE {100 * mae:.0f} kcal  R2 {r2:.3f}")
