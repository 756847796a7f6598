"""How many minutes will a ticket take? Predicts a mean and a spread from the ticket's words.

The score is a log density, so it runs below zero once the spread is small.
"""
import math
import random
from dataclasses import dataclass
from typing import Callable, List

import torch
from torch import nn

WEIGHT = {"reset": .2, "password": .3, "printer": .7, "jam": .4, "server": 1.6, "outage": 2.0, "install": .9,
          "license": .5, "laptop": .8, "screen": .6, "backup": 1.2, "migrate": 1.9, "mailbox": .7, "router": 1.1}
PLAIN = ["please", "the", "my", "is", "again", "today", "urgent", "cannot", "office", "team"]
WORDS = sorted(WEIGHT) + PLAIN
ID = {w: i for i, w in enumerate(WORDS)}


@dataclass
class Ticket:
    ids: List[int]
    hours: float


def make(rng):
    n = rng.randint(2, 4)
    ws = rng.sample(sorted(WEIGHT), n) + rng.sample(PLAIN, rng.randint(2, 5))
    rng.shuffle(ws)
    sd = 0.08 if "urgent" not in ws else 0.25
    return Ticket([ID[w] for w in ws], sum(WEIGHT.get(w, 0.) for w in ws) / 2 + rng.gauss(0, sd))


class SumNet(nn.Module):
    def __init__(self, n, d=16):
        super().__init__()
        self.emb = nn.EmbeddingBag(n, d, mode="sum")
        nn.init.normal_(self.emb.weight, std=0.2)
        self.h = nn.Linear(d, 32)
        self.mu = nn.Linear(32, 1)
        self.log_sd = nn.Linear(32, 1)

    def forward(self, flat, offsets):
        e = self.emb(flat, offsets)
        h = torch.tanh(self.h(e))
        return self.mu(h).squeeze(1), self.log_sd(h).squeeze(1)


def density_loss(mu, log_sd, y):
    return (log_sd + 0.5 * math.log(2 * math.pi) + 0.5 * ((y - mu) * torch.exp(-log_sd)) ** 2).mean()


class Loop:
    def __init__(self, net, tickets, held, callbacks: List[Callable]):
        self.net, self.tickets, self.held, self.callbacks = net, tickets, held, callbacks
        self.opt = torch.optim.Adam(net.parameters(), lr=5e-3)
        self.sched = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, T_max=8)

    @staticmethod
    def tensors(ts):
        flat = torch.tensor([i for t in ts for i in t.ids])
        ends = torch.tensor([0] + [len(t.ids) for t in ts[:-1]]).cumsum(0)
        return flat, ends, torch.tensor([t.hours for t in ts])

    def run(self, epochs, bs=32):
        for ep in range(epochs):
            self.net.train()
            loss_sum = 0.
            for rows in torch.randperm(len(self.tickets)).split(bs):
                flat, off, y = self.tensors([self.tickets[i] for i in rows])
                loss = density_loss(*self.net(flat, off), y)
                self.opt.zero_grad(set_to_none=True)
                loss.backward()
                nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
                self.opt.step()
                loss_sum += loss.item() * len(y)
            self.sched.step()
            for cb in self.callbacks:
                cb(self, ep, loss_sum / len(self.tickets))


@torch.no_grad()
def report(loop, ep, loss):
    loop.net.eval()
    flat, off, y = loop.tensors(loop.held)
    mu, ls = loop.net(flat, off)
    r2 = 1 - ((mu - y) ** 2).mean() / y.var()
    print(f"epoch {ep}: train {loss:+.3f}, held out {density_loss(mu, ls, y):+.3f}, R2 {r2:.3f}, spread {ls.exp().mean():.3f}")


if __name__ == "__main__":
    torch.manual_seed(0)
    rng = random.Random(0)
    data = [make(rng) for _ in range(3600)]
    Loop(SumNet(len(WORDS)), data[:3000], data[3000:], [report]).run(8)
