"""Biased matrix factorisation on simulated star ratings (users x films)."""
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn


@dataclass
class Config:
    users: int = 400
    films: int = 250
    rank: int = 4
    ratings: int = 36000
    batch: int = 512
    epochs: int = 8
    lr: float = 0.01
    seed: int = 11


def simulate(cfg):
    rng = np.random.default_rng(cfg.seed)
    u = rng.normal(size=(cfg.users, 2))
    v = rng.normal(size=(cfg.films, 2))
    bu, bv = rng.normal(0, .4, cfg.users), rng.normal(0, .6, cfg.films)
    cells = rng.choice(cfg.users * cfg.films, cfg.ratings, replace=False)   # each pair once
    i, j = cells // cfg.films, cells % cfg.films
    r = 3.0 + bu[i] + bv[j] + .7 * (u[i] * v[j]).sum(1) + rng.normal(0, .3, cfg.ratings)
    return i, j, r.astype(np.float32)


class Factors(nn.Module):
    def __init__(self, cfg, mean):
        super().__init__()
        self.user = nn.Embedding(cfg.users, cfg.rank, sparse=True)
        self.film = nn.Embedding(cfg.films, cfg.rank, sparse=True)
        self.user_bias = nn.Embedding(cfg.users, 1, sparse=True)
        self.film_bias = nn.Embedding(cfg.films, 1, sparse=True)
        for table in (self.user, self.film):
            nn.init.normal_(table.weight, std=0.2)
        for table in (self.user_bias, self.film_bias):
            nn.init.zeros_(table.weight)
        self.register_buffer("mean", torch.tensor(mean))

    def forward(self, i, j):
        dot = torch.einsum("bk,bk->b", self.user(i), self.film(j))
        return self.mean + dot + self.user_bias(i).squeeze(-1) + self.film_bias(j).squeeze(-1)


class Fitter:
    def __init__(self, net, cfg):
        self.net, self.cfg = net, cfg
        # fault:
        self.opt = torch.optim.Adam(net.parameters(), lr=cfg.lr)
        # mended:
        # self.opt = torch.optim.SparseAdam(list(net.parameters()), lr=cfg.lr)
        # end
        self.sched = torch.optim.lr_scheduler.StepLR(self.opt, step_size=5, gamma=0.2)

    def epoch(self, data):
        i, j, r = data
        total = 0.
        for b in torch.randperm(len(r)).split(self.cfg.batch):
            err = self.net(i[b], j[b]) - r[b]
            loss = err.square().mean()
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
            total += loss.item() * len(b)
        self.sched.step()
        return (total / len(r)) ** .5

    @torch.no_grad()
    def rmse(self, data):
        i, j, r = data
        return (self.net(i, j) - r).square().mean().sqrt().item()


def main():
    cfg = Config()
    torch.manual_seed(cfg.seed)
    i, j, r = map(torch.as_tensor, simulate(cfg))
    n = int(.9 * cfg.ratings)
    train, held = (i[:n], j[:n], r[:n]), (i[n:], j[n:], r[n:])
    mean = train[2].mean().item()
    print(f"rmse of the mean rating {(held[2] - mean).square().mean().sqrt().item():.3f}")
    fitter = Fitter(Factors(cfg, mean), cfg)
    for e in range(cfg.epochs):
        print(f"{e:2d} train {fitter.epoch(train):.3f}  held-out {fitter.rmse(held):.3f}")


if __name__ == "__main__":
    main()
