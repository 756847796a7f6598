"""Segment durations (seconds) for a toy synthesiser: predict mean and variance, minimise the Gaussian NLL.
Durations are some 0.05 to 0.25 s, so the density is above one and the NLL goes below zero."""
import math
import random

import torch
import torch.nn as nn

random.seed(1)
torch.manual_seed(1)

BASE = {"p": .08, "t": .07, "k": .085, "s": .11, "m": .07, "n": .065, "l": .06, "a": .12, "e": .10, "i": .085, "o": .11, "u": .09}
PH = sorted(BASE)


def phrase():
    n = random.randint(4, 12)
    seq = [random.choice(PH) for _ in range(n)]
    stress = [random.random() < .3 and p in "aeiou" for p in seq]
    rows = []
    for j, p in enumerate(seq):
        d = BASE[p]
        d *= 1.4 if stress[j] else 1.0
        d *= 1.5 if j == n - 1 else 1.0                     # phrase-final lengthening
        d *= 0.8 if j and seq[j - 1] == "s" else 1.0         # cluster shortening
        sd = 0.12 if p in "aeiou" else 0.06
        rows.append((PH.index(p) + 1, int(stress[j]), d * math.exp(random.gauss(0, sd))))
    return rows


class DurationModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.ph = nn.Embedding(len(PH) + 1, 16, padding_idx=0)
        self.st = nn.Embedding(2, 4)
        self.conv = nn.Conv1d(20, 48, 3, padding=1)
        self.mu = nn.Linear(48, 1)
        self.logsd = nn.Linear(48, 1)
        nn.init.constant_(self.mu.bias, 0.1)
        nn.init.constant_(self.logsd.bias, -3.0)

    def forward(self, ph, st):
        x = torch.cat([self.ph(ph), self.st(st)], -1) * (ph != 0).unsqueeze(-1)
        h = torch.relu(self.conv(x.transpose(1, 2))).transpose(1, 2)
        return self.mu(h).squeeze(-1), self.logsd(h).squeeze(-1).clamp(-6, 1)


def stack(phrases):
    L = max(map(len, phrases))
    ph, st, d = (torch.zeros(len(phrases), L, dtype=t) for t in (torch.long, torch.long, torch.float))
    for i, rows in enumerate(phrases):
        for j, (a, b, c) in enumerate(rows):
            ph[i, j], st[i, j], d[i, j] = a, b, c
    return ph, st, d


def nll(mu, logsd, d):
    return (logsd + 0.5 * ((d - mu) / logsd.exp()) ** 2 + 0.5 * math.log(2 * math.pi))


train, dev = stack([phrase() for _ in range(1500)]), stack([phrase() for _ in range(300)])
model = DurationModel()
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 8)


@torch.no_grad()
def report(data):
    ph, st, d = data
    m = ph != 0
    mu, ls = model(ph, st)
    r = torch.corrcoef(torch.stack([mu[m], d[m]]))[0, 1].item()
    return nll(mu, ls, d)[m].mean().item(), r, 1000 * (mu - d)[m].pow(2).mean().sqrt().item()


for epoch in range(8):
    for idx in torch.randperm(1500).split(32):
        ph, st, d = (t[idx] for t in train)
        mu, ls = model(ph, st)
        loss = nll(mu, ls, d)[ph != 0].mean()
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
    sched.step()
    print("epoch %d  train nll %.3f | dev nll %.3f  r %.3f  rmse %.1f ms" % (epoch, report(train)[0], *report(dev)))
