"""Flat adverts -> log rent and district, one encoder, two losses weighted by learned uncertainties (Kendall et al. 2018).

total = exp(-2 s1) * mse / 2 + s1  +  exp(-s2) * ce + s2 / 2      (goes below zero once the rent is predicted well)
The weights that are evaluated are a running average of the trained ones.
"""
import math
import random
import torch
import torch.nn as nn

SEED = 17
random.seed(SEED)
gen = torch.manual_seed(SEED)

DISTRICTS = {"harbour": (0.25, "quay ferry gulls warehouse promenade mast"),
             "oldtown": (0.35, "cobbles gables market belfry cloister tavern"),
             "heights": (0.55, "terrace view villa funicular pines embassy"),
             "mills": (-0.20, "factory chimney canal brewery loft tramline"),
             "fields": (-0.45, "allotment terminus meadow hedges barn stables")}
PERKS = {"balcony": 0.08, "lift": 0.05, "renovated": 0.12, "furnished": 0.10, "parking": 0.07, "basement": -0.12,
         "damp": -0.2, "shared": -0.25, "penthouse": 0.4, "attic": -0.08, "garden": 0.15, "noisy": -0.1}
SIZES = {"studio": 6.2, "oneroom": 6.35, "tworoom": 6.6, "threeroom": 6.85, "fourroom": 7.05}
CHAT = "flat for rent near bright quiet from may available please call owner no agents sunny clean nice kitchen bath".split()


def advert():
    d = random.choice(list(DISTRICTS))
    size = random.choice(list(SIZES))
    perks = random.sample(list(PERKS), random.randint(1, 4))
    praised = d if random.random() < 0.93 else random.choice(list(DISTRICTS))     # some agents sell the nicer name
    toks = [size] + perks + random.choices(DISTRICTS[praised][1].split(), k=2) + random.sample(CHAT, random.randint(4, 8))
    random.shuffle(toks)
    rent = SIZES[size] + DISTRICTS[d][0] + sum(PERKS[p] for p in perks) + random.gauss(0, 0.07)
    return toks, rent, list(DISTRICTS).index(d)


ads = [advert() for _ in range(3000)]
train, valid = ads[:2500], ads[2500:]
index = {w: i for i, w in enumerate(sorted({w for t, *_ in train for w in t}))}
m = sum(r for _, r, _ in train) / len(train)
s = math.sqrt(sum((r - m) ** 2 for _, r, _ in train) / len(train))


def collate(rows):
    ids = torch.tensor([index[w] for t, *_ in rows for w in t])
    cuts = torch.tensor([0] + [len(t) for t, *_ in rows][:-1]).cumsum(0)
    return ids, cuts, torch.tensor([(r - m) / s for _, r, _ in rows]), torch.tensor([d for *_, d in rows])


class Adverts(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(index), 24, mode="sum")      # perks add up
        nn.init.normal_(self.bag.weight, std=0.15)
        self.rent = nn.Linear(24, 1)
        self.district = nn.Sequential(nn.ReLU(), nn.Linear(24, len(DISTRICTS)))
        self.s_rent = nn.Parameter(torch.zeros(()))
        self.s_district = nn.Parameter(torch.zeros(()))

    def forward(self, ids, cuts):
        h = self.bag(ids, cuts)
        return self.rent(h).squeeze(-1), self.district(h)

    def loss(self, ids, cuts, rent, district):
        r, d = self(ids, cuts)
        mse, ce = nn.functional.mse_loss(r, rent), nn.functional.cross_entropy(d, district)
        return (torch.exp(-2 * self.s_rent) * mse / 2 + self.s_rent
                + torch.exp(-self.s_district) * ce + self.s_district / 2)


net = Adverts()
ema = torch.optim.swa_utils.AveragedModel(net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.97))
opt = torch.optim.Adam([{"params": [p for n, p in net.named_parameters() if not n.startswith("s_")], "scale": 1.0},
                        {"params": [net.s_rent, net.s_district], "scale": 2.0}], lr=1e-2)
EPOCHS, BATCH, PEAK = 7, 50, 0.012
total_steps, step = EPOCHS * len(train) // BATCH, 0


@torch.no_grad()
def score(model, rows):
    ids, cuts, rent, district = collate(rows)
    r, d = model(ids, cuts)
    return 1 - ((r - rent) ** 2).mean().item() / rent.var().item(), (d.argmax(1) == district).float().mean().item()


for epoch in range(EPOCHS):
    random.shuffle(train)
    acc = 0.0
    for k in range(0, len(train), BATCH):
        frac = step / total_steps
        lr = PEAK * (min(1.0, frac / 0.15) if frac < 0.3 else (1 - frac) / 0.7)
        for group in opt.param_groups:
            group["lr"] = lr * group["scale"]
        loss = net.loss(*collate(train[k:k + BATCH]))
        opt.zero_grad()
        loss.backward()
        opt.step()
        ema.update_parameters(net)
        step += 1
        acc += loss.item() / (len(train) // BATCH)
    (r2a, da), (r2b, db) = score(ema, train), score(ema, valid)
    print(f"{epoch}: total {acc:+.3f}  sigma {net.s_rent.exp().item():.3f}  R2 rent {r2a:.3f}/{r2b:.3f}  "
          f"district {da:.3f}/{db:.3f}  (train/valid)")
