"""Flat listings: advert text + numbers -> log rent. The bag width is chosen on dev, then the model is trained again
on train + dev and tested once."""
import random
from dataclasses import dataclass

import torch
from torch import nn, Tensor

random.seed(21)
torch.manual_seed(21)

PARTS = {"quiet": .04, "bright": .05, "renovated": .12, "basement": -.18, "balcony": .09, "garden": .11, "noisy": -.10,
         "furnished": .10, "old": -.07, "central": .20, "suburban": -.12, "riverside": .15, "tiny": -.06, "elegant": .14, "shabby": -.20}
FILL = "a the flat with and near station in street this home offers for rent now available nice view kitchen rooms".split()
VOCAB = {w: i for i, w in enumerate(["<pad>"] + list(PARTS) + FILL)}


def advert():
    size, floor, age = random.uniform(25, 120), random.randint(0, 6), random.uniform(0, 90)
    adjectives = random.sample(list(PARTS), random.randint(1, 5))
    words = adjectives + random.choices(FILL, k=random.randint(4, 10))
    random.shuffle(words)
    y = 5.2 + .011 * size + .02 * floor - .002 * age + 1.5 * sum(PARTS[a] for a in adjectives) + random.gauss(0, .06)
    return words, (size, floor, age), y


@dataclass
class Table:
    ids: Tensor
    num: Tensor
    y: Tensor

    def __getitem__(self, ix): return Table(self.ids[ix], self.num[ix], self.y[ix])
    def __len__(self): return len(self.y)


rows = [advert() for _ in range(2400)]
longest = max(len(w) for w, _, _ in rows)
everything = Table(torch.tensor([[VOCAB[t] for t in w] + [0] * (longest - len(w)) for w, _, _ in rows]),
                   torch.tensor([n for _, n, _ in rows]), torch.tensor([y for _, _, y in rows]))
train, dev, test = everything[:1500], everything[1500:1900], everything[1900:]


class RentModel(nn.Module):
    def __init__(self, width: int, fitted_on: Table):
        super().__init__()
        self.words = nn.EmbeddingBag(len(VOCAB), width, mode="sum", padding_idx=0)
        nn.init.normal_(self.words.weight, std=.05)
        with torch.no_grad():
            self.words.weight[0].zero_()
        self.head = nn.Sequential(nn.Linear(width + 3, 24), nn.ReLU(), nn.Linear(24, 1))
        self.register_buffer("mu", fitted_on.num.mean(0))
        self.register_buffer("sd", fitted_on.num.std(0))
        nn.init.constant_(self.head[-1].bias, fitted_on.y.mean().item())

    def forward(self, t: Table) -> Tensor:
        return self.head(torch.cat([self.words(t.ids), (t.num - self.mu) / self.sd], 1)).squeeze(1)


def r2(model: nn.Module, t: Table) -> float:
    model.eval()
    with torch.no_grad():
        return 1 - ((model(t) - t.y).pow(2).sum() / (t.y - t.y.mean()).pow(2).sum()).item()


def fit(width: int, data: Table, epochs: int = 8) -> nn.Module:
    model = RentModel(width, data)
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs, eta_min=5e-4)
    for _ in range(epochs):
        model.train()
        for ix in torch.randperm(len(data)).split(32):
            b = data[ix]
            loss = nn.functional.smooth_l1_loss(model(b), b.y, beta=.2)
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
    return model


found = {}
for width in (2, 8):
    m = fit(width, train)
    found[width] = r2(m, dev)
    print(f"width {width}: train R2 {r2(m, train):.4f}  dev R2 {found[width]:.4f}")
best = max(found, key=found.get)
both = Table(torch.cat([train.ids, dev.ids]), torch.cat([train.num, dev.num]), torch.cat([train.y, dev.y]))
final = fit(best, both)
print(f"refit with width {best} on {len(both)} adverts: fitted R2 {r2(final, both):.4f}  test R2 {r2(final, test):.4f}")
