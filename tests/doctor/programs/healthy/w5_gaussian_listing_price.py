"""Predict a price (log scale) AND how sure we are of it, from the words of a listing. The loss is a density, so it may be negative."""
from dataclasses import dataclass
import math
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass(frozen=True)
class HP:
    n: int = 3000
    n_val: int = 600
    d: int = 16
    lr: float = 1e-2
    micro: int = 32
    accumulate: int = 2
    epochs: int = 8


hp = HP()
gen = np.random.default_rng(33)
torch.manual_seed(33)
things = [f"thing{i}" for i in range(20)]
conds = {"new": .3, "used": -.2, "broken": -.5, "refurbished": .0}
vague = {"approx": .15, "vintage": .2, "custom": .25}
talk = [f"talk{i}" for i in range(50)]
base = dict(zip(things, gen.uniform(-1, 1, 20)))
lookup = {w: i for i, w in enumerate(things + list(conds) + list(vague) + talk)}


def listing():
    t, c = gen.choice(things), gen.choice(list(conds))
    bag, sigma = [t, c], .06
    if gen.random() < .4:
        v = gen.choice(list(vague)); bag.append(v); sigma = vague[v]
    bag += list(gen.choice(talk, gen.integers(2, 7), replace=False))
    gen.shuffle(bag)
    return [lookup[w] for w in bag], base[t] + conds[c] + sigma * gen.normal()


rows = [listing() for _ in range(hp.n)]
fit, val = rows[:-hp.n_val], rows[-hp.n_val:]


def tensors(rs):
    lens = [len(w) for w, _ in rs]
    off = torch.tensor([0] + lens[:-1]).cumsum(0)
    return torch.tensor(sum((w for w, _ in rs), [])), off, torch.tensor([y for _, y in rs], dtype=torch.float32)


class Density(nn.Module):
    def __init__(self):
        super().__init__()
        self.mean_bag = nn.EmbeddingBag(len(lookup), 1, mode="sum")
        self.dev_bag = nn.EmbeddingBag(len(lookup), 1, mode="sum")
        nn.init.zeros_(self.mean_bag.weight); nn.init.zeros_(self.dev_bag.weight)
        self.shift = nn.Parameter(torch.tensor([0., -1.5]))

    def forward(self, w, off):
        mu = self.mean_bag(w, off).squeeze(-1) + self.shift[0]
        sd = F.softplus(self.dev_bag(w, off).squeeze(-1) + self.shift[1]) + 1e-3
        return mu, sd


def neg_log_density(mu, sd, y):
    return (.5 * ((y - mu) / sd) ** 2 + sd.log() + .5 * math.log(2 * math.pi)).mean()


def evaluate(net, rs):
    with torch.no_grad():
        w, o, y = tensors(rs)
        mu, sd = net(w, o)
        r2 = 1 - ((y - mu) ** 2).mean() / y.var()
        inside = ((y - mu).abs() < 1.96 * sd).float().mean()
        return neg_log_density(mu, sd, y).item(), r2.item(), inside.item()


net = Density()
opt = torch.optim.Adam(net.parameters(), lr=4 * hp.lr, betas=(.9, .99))
for epoch in range(hp.epochs):
    opt.param_groups[0]["lr"] = 4 * hp.lr * .5 ** epoch
    chunks = [c.tolist() for c in torch.randperm(len(fit)).split(hp.micro)]
    for k, c in enumerate(chunks):
        w, o, y = tensors([fit[i] for i in c])
        (neg_log_density(*net(w, o), y) / hp.accumulate).backward()
        if (k + 1) % hp.accumulate == 0 or k + 1 == len(chunks):
            opt.step()
            opt.zero_grad()
    a, b = evaluate(net, fit), evaluate(net, val)
    print("epoch %d  fit: nll %.3f r2 %.3f   val: nll %.3f r2 %.3f  inside 95%% band %.3f" % (epoch, *a[:2], *b))
