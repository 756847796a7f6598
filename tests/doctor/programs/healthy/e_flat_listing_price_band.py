"""
Price bands for flat listings.
The network reads a short listing and says a mean and a spread for the log price. Trained on the Gaussian
negative log likelihood, which is below zero as soon as the spread is small.
"""
import math
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, random_split

DISTRICTS = {"harbour": 0.5, "old-town": 0.4, "university": 0.15, "station": -0.1, "mill": -0.25, "airport": -0.45}
EXTRAS = {"balcony": .08, "lift": .04, "garden": .15, "renovated": .12, "parquet": .05, "noisy": -.12, "basement": -.2,
          "cellar": .02, "view": .1, "damp": -.25, "garage": .09, "attic": -.03}
FILLER = "nice bright cosy flat for sale call now near shops and school quiet people welcome".split()


def listing(r):
    d, rooms = r.choice(list(DISTRICTS)), r.randint(1, 5)
    extras = r.sample(list(EXTRAS), r.randint(0, 4))
    words = [d, f"rooms{rooms}"] + extras + r.choices(FILLER, k=r.randint(2, 8))
    r.shuffle(words)
    sigma = 0.15 if "renovated" in extras else 0.05      # renovated flats vary more
    y = DISTRICTS[d] + 0.22 * rooms + sum(EXTRAS[e] for e in extras) + r.gauss(0, sigma)
    return words, y


class Listings(Dataset):
    def __init__(self, n, seed):
        r = random.Random(seed)
        self.rows = [listing(r) for _ in range(n)]
        words = sorted({w for ws, _ in self.rows for w in ws})
        self.index = {w: i for i, w in enumerate(words)}
        self.x = torch.zeros(n, len(words))
        for i, (ws, _) in enumerate(self.rows):
            for w in ws:
                self.x[i, self.index[w]] += 1
        self.y = torch.tensor([y for _, y in self.rows])

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, k):
        return self.x[k], self.y[k]


class BandNet(nn.Module):
    def __init__(self, n_in, n_hidden=12):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(n_in, n_hidden), nn.SiLU())
        self.mean, self.raw = nn.Linear(n_hidden, 1), nn.Linear(n_hidden, 1)

    def forward(self, x):
        h = self.body(x)
        return self.mean(h).squeeze(-1), nn.functional.softplus(self.raw(h)).squeeze(-1).add(1e-3)


def nll(mu, sd, y):
    return (0.5 * ((y - mu) / sd) ** 2 + sd.log() + 0.5 * math.log(2 * math.pi)).mean()


@torch.no_grad()
def report(net, part):
    x, y = part.dataset.x[part.indices], part.dataset.y[part.indices]
    mu, sd = net(x)
    inside = ((y - mu).abs() < 1.645 * sd).float().mean()
    r2 = 1 - ((y - mu) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    return f"nll {nll(mu, sd, y):+.3f}  R2 {r2:.3f}  in 90% band {inside:.3f}"


def main():
    torch.manual_seed(99)
    data = Listings(3500, seed=99)
    fit, held = random_split(data, [2800, 700], generator=torch.Generator().manual_seed(1))
    net = BandNet(len(data.index))
    opt = torch.optim.Adam(net.parameters(), lr=8e-3)
    plan = torch.optim.lr_scheduler.LambdaLR(opt, lambda e: 0.5 ** e)
    for epoch in range(6):
        for x, y in DataLoader(fit, batch_size=32, shuffle=True):
            loss = nll(*net(x), y)
            opt.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5)
            opt.step()
        plan.step()
        print(f"{epoch}: train {report(net, fit)} | held out {report(net, held)}")


main()
