# Monthly rent from the text of an advertisement: sum of word embeddings -> price. MAE in euros.
import random
import torch
from torch import nn

random.seed(17); torch.manual_seed(17)
WORTH = {"balcony": 60, "garden": 110, "lift": 40, "cellar": 15, "parking": 70, "fireplace": 45, "renovated": 80,
         "furnished": 95, "penthouse": 210, "basement": -90, "noisy": -60, "quiet": 25, "central": 120, "suburb": -70,
         "sunny": 20, "shared": -130, "new": 50, "damp": -75, "bright": 15, "terrace": 85}
NEUTRAL = "nice flat available from may with and near the station school park for rent call us today no agent fee deposit".split()


def advert():
    rooms = random.randint(1, 5)
    feats = random.sample(list(WORTH), random.randint(1, 6))
    price = 280 + 170 * rooms + sum(WORTH[f] for f in feats) + random.gauss(0, 25)
    toks = [f"{rooms}rooms"] + feats + random.choices(NEUTRAL, k=random.randint(4, 12))
    random.shuffle(toks)
    return toks, price


data = [advert() for _ in range(3600)]
train, dev = data[:3000], data[3000:]
vocab = {w: i for i, w in enumerate(sorted({w for t, _ in train for w in t}))}
mean = sum(p for _, p in train) / len(train)
std = (sum((p - mean) ** 2 for _, p in train) / len(train)) ** 0.5


def collate(rows):
    flat = torch.tensor([vocab[w] for t, _ in rows for w in t])
    offs = torch.tensor([0] + [len(t) for t, _ in rows[:-1]]).cumsum(0)
    return flat, offs, torch.tensor([(p - mean) / std for _, p in rows])


class SumRegressor(nn.Module):
    def __init__(self, n, dim=12):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, dim, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.1)
        self.out = nn.Linear(dim, 1)

    def forward(self, flat, offs):
        return self.out(self.bag(flat, offs)).squeeze(-1)


model = SumRegressor(len(vocab))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.MultiStepLR(opt, milestones=[6, 9], gamma=0.3)
loss_fn = nn.HuberLoss(delta=1.0)
loader = torch.utils.data.DataLoader(train, batch_size=40, shuffle=True, collate_fn=collate)


@torch.no_grad()
def scores(rows):
    model.eval()
    flat, offs, y = collate(rows)
    p = model(flat, offs)
    r2 = 1 - ((p - y) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    return (p - y).abs().mean().item() * std, r2.item()


print(f"mean rent {mean:.0f}, std {std:.0f}")
for epoch in range(12):
    model.train()
    for flat, offs, y in loader:
        loss = loss_fn(model(flat, offs), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    (tm, tr), (dm, dr) = scores(train), scores(dev)
    print(f"epoch {epoch + 1:2d}  MAE train {tm:6.1f}  dev {dm:6.1f}   R2 train {tr:.3f}  dev {dr:.3f}")
