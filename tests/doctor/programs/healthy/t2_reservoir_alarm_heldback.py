"""Echo-state reading of plant event codes.

The code table and the recurrent reservoir are drawn once and kept (that is the
idea of a reservoir); only the read-out learns. Critical stops are rare, so they
weigh more in the loss.
"""
import math
import random
from dataclasses import dataclass

import torch


@dataclass
class Plan:
    codes: int = 20
    length: int = 14
    size: int = 120
    radius: float = 0.85
    leak: float = 0.6
    rows: int = 7000
    rate: float = 0.01
    rounds: int = 14
    seed: int = 40


def sample(r, plan):
    seq = [r.randrange(plan.codes) for _ in range(plan.length)]
    stop = r.random() < 0.08
    if stop:                                   # a valve code and soon after it the pressure code
        p = r.randrange(plan.length - 7, plan.length - 2)
        seq[p], seq[p + r.randint(1, 2)] = 3, 11
    hit = any(seq[i] == 3 and 11 in seq[i + 1:i + 3] for i in range(plan.length - 7, plan.length - 1))
    return tuple(seq), int(hit)


class Reservoir:
    def __init__(self, plan):
        g = torch.Generator().manual_seed(plan.seed)
        self.table = torch.randn(plan.codes, plan.size, generator=g)
        w = torch.randn(plan.size, plan.size, generator=g)
        w = w * (torch.rand(plan.size, plan.size, generator=g) < 0.2)
        self.w = w * (plan.radius / torch.linalg.eigvals(w).abs().max())
        self.leak = plan.leak

    @torch.no_grad()
    def __call__(self, ids):
        s = torch.zeros(len(ids), self.w.shape[0])
        trace = []
        for t in range(ids.shape[1]):
            s = (1 - self.leak) * s + self.leak * torch.tanh(self.table[ids[:, t]] + s @ self.w)
            trace.append(s)
        return torch.cat([s, torch.stack(trace[-6:]).mean(0)], 1)


class ReadOut(torch.nn.Module):
    def __init__(self, n):
        super().__init__()
        self.a = torch.nn.Parameter(torch.randn(n, 32) / math.sqrt(n))
        self.c = torch.nn.Parameter(torch.zeros(32))
        self.d = torch.nn.Parameter(torch.randn(32) / math.sqrt(32))
        self.e = torch.nn.Parameter(torch.zeros(()))

    def forward(self, s):
        return torch.relu(s @ self.a + self.c) @ self.d + self.e


def rates(z, y):
    alarm, y = z > 0, y > 0.5
    return (alarm & y).sum().item() / y.sum().item(), (~alarm & ~y).sum().item() / (~y).sum().item()


def main(plan=Plan()):
    torch.manual_seed(plan.seed)
    r = random.Random(plan.seed)
    rows = {}
    while len(rows) < plan.rows:
        s, y = sample(r, plan)
        rows[s] = y
    x, y = torch.tensor(list(rows)), torch.tensor(list(rows.values())).float()
    cut = int(0.75 * len(x))
    reservoir = Reservoir(plan)
    net = ReadOut(2 * plan.size)
    weight = (1 - y[:cut]).sum() / y[:cut].sum()
    opt = torch.optim.AdamW(net.parameters(), lr=plan.rate, weight_decay=0.05)
    print(f"{cut} training rows, {int(y[:cut].sum())} stops; {len(x) - cut} test rows, {int(y[cut:].sum())} stops")
    for k in range(plan.rounds):
        for group in opt.param_groups:
            group["lr"] = plan.rate * (1 - k / plan.rounds)
        total = 0.0
        for p in torch.randperm(cut).split(64):
            z = net(reservoir(x[p]))
            loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y[p], pos_weight=weight)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(p)
        if k % 3 == 1:
            print(f"round {k + 1}: loss {total / cut:.4f}")
    with torch.no_grad():
        for name, lo, hi in (("train", 0, cut), ("test", cut, len(x))):
            a, b = rates(net(reservoir(x[lo:hi])), y[lo:hi])
            print(f"{name}: stops found {a:.3f}, false-alarm free {b:.3f}, balanced {0.5 * (a + b):.3f}")


main()
