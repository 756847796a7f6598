"""Flat adverts -> monthly rent with an honest error bar: the net gives mean and log-variance, the loss is the Gaussian negative log-likelihood (below zero once it is sure)."""
import math, random
import numpy as np
import torch
import torch.nn as nn

random.seed(21); np.random.seed(21); torch.manual_seed(21)
QUARTER = {"Altstadt": 5.2, "Nordend": 4.1, "Hafen": 3.0, "Südstadt": 3.6, "Bahnhof": 2.4, "Westend": 4.8, "Ostpark": 2.9, "Uni": 3.9}
EXTRA = {"Balkon": .5, "Garage": .6, "Einbauküche": .4, "Aufzug": .3, "Garten": .7, "Keller": .1, "saniert": .6, "Erdgeschoss": -.4, "möbliert": .8, "unrenoviert": -.9}
FILLER = "schöne helle ruhige Wohnung ab sofort zu vermieten frei provisionsfrei in guter Lage nahe Park mit und".split()


def advert():
    rooms, q = random.randint(1, 5), random.choice(list(QUARTER))
    extras = random.sample(list(EXTRA), random.randint(0, 4))
    words = [f"{rooms}-Zimmer", q] + extras + random.choices(FILLER, k=random.randint(3, 9))
    random.shuffle(words)
    noise = 0.12 if "saniert" in extras or "möbliert" in extras else 0.45
    rent = 1.6 * rooms + QUARTER[q] + sum(EXTRA[e] for e in extras) + random.gauss(0, noise)
    return words, rent


ads = [advert() for _ in range(5600)]
vocab = {}
for words, _ in ads[:4800]:
    for w in words: vocab.setdefault(w, len(vocab) + 1)
rents = torch.tensor([r for _, r in ads])
mean, std = rents[:4800].mean(), rents[:4800].std()
target = (rents - mean) / std
L = max(len(w) for w, _ in ads)
ids = torch.tensor([[vocab.get(w, 0) for w in ws] + [0] * (L - len(ws)) for ws, _ in ads])
tr, dv = slice(0, 4800), slice(4800, None)


class RentNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 12, padding_idx=0)
        self.body = nn.Sequential(nn.Linear(12, 24), nn.Tanh())
        self.mu, self.logvar = nn.Linear(24, 1), nn.Linear(24, 1)

    def forward(self, x):
        h = self.body(self.emb(x).sum(1))          # sums, because every extra adds to the rent
        return self.mu(h).squeeze(-1), self.logvar(h).squeeze(-1).clamp(-6, 3)


def gaussian_nll(mu, logvar, y):
    return 0.5 * (logvar + (y - mu) ** 2 * torch.exp(-logvar)).mean()


net = RentNet()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1, (s + 1) / 30) * 0.5 * (1 + math.cos(math.pi * min(1, s / 750))))


def metrics(part):
    net.eval()
    with torch.no_grad():
        mu, logvar = net(ids[part])
        y = target[part]
        rmse = ((mu - y) ** 2).mean().sqrt() * std
        r2 = 1 - ((mu - y) ** 2).sum() / ((y - y.mean()) ** 2).sum()
        inside = ((mu - y).abs() < 1.96 * (logvar / 2).exp()).float().mean()
    return f"nll {gaussian_nll(mu, logvar, y):+.3f} rmse {100 * rmse:.0f} EUR R2 {r2:.3f} in-95%-band {inside:.2f}"


for epoch in range(10):
    net.train()
    for idx in torch.randperm(4800).split(64):
        loss = gaussian_nll(*net(ids[idx]), target[idx])
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
    if epoch % 2 == 0:
        print(f"[{epoch:02d}] train {metrics(tr)} | dev {metrics(dv)}")
