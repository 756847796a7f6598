# Tagging each command of a lab robot's script with the phase it belongs to.
# GRU cell written out by hand, run in both directions, masked loss, gradients
# of two batches are collected before each step.
import math
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

rnd = random.Random(14)
torch.manual_seed(14)
N_CMD, TAGS, MAXLEN = 26, 4, 18
FAVOUR = [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 4], [11, 12, 13, 14, 9, 5], [15, 16, 17, 2, 12]]


def script():
    cmds, tags = [], []
    n = rnd.randint(8, MAXLEN)
    phase = rnd.randrange(TAGS)
    while len(cmds) < n:
        for _ in range(rnd.randint(3, 6)):
            cmds.append(rnd.choice(FAVOUR[phase]) if rnd.random() < 0.8 else rnd.randint(1, N_CMD - 1))
            tags.append(phase)
        phase = (phase + 1) % TAGS
    return tuple(cmds[:n]), tags[:n]


class Cell(nn.Module):
    def __init__(self, i, h):
        super().__init__()
        self.x = nn.Parameter(torch.empty(i, 3 * h).uniform_(-1, 1) / math.sqrt(i))
        self.h = nn.Parameter(torch.empty(h, 3 * h).uniform_(-1, 1) / math.sqrt(h))
        self.b = nn.Parameter(torch.zeros(3 * h))
        self.size = h

    def forward(self, x, state):
        gx, gh = x @ self.x + self.b, state @ self.h
        rx, zx, nx = gx.chunk(3, -1)
        rh, zh, nh = gh.chunk(3, -1)
        z = torch.sigmoid(zx + zh)
        cand = torch.tanh(nx + torch.sigmoid(rx + rh) * nh)
        return z * state + (1 - z) * cand


class Tagger(nn.Module):
    def __init__(self, dim=12, hid=20):
        super().__init__()
        self.emb = nn.Embedding(N_CMD, dim, padding_idx=0)
        self.fw, self.bw = Cell(dim, hid), Cell(dim, hid)
        self.out = nn.Linear(2 * hid, TAGS)

    def sweep(self, cell, x, keep, steps):
        s = x.new_zeros(x.shape[0], cell.size)
        states = {}
        for t in steps:
            s = torch.where(keep[:, t:t + 1], cell(x[:, t], s), s)
            states[t] = s
        return torch.stack([states[t] for t in sorted(states)], 1)

    def forward(self, ids):
        x, keep = self.emb(ids), ids > 0
        T = ids.shape[1]
        both = torch.cat([self.sweep(self.fw, x, keep, range(T)),
                          self.sweep(self.bw, x, keep, range(T - 1, -1, -1))], -1)
        return self.out(both)


def tensors(rows):
    x = torch.zeros(len(rows), MAXLEN, dtype=torch.long)
    y = torch.full((len(rows), MAXLEN), -100)
    for i, (c, t) in enumerate(rows):
        x[i, :len(c)], y[i, :len(c)] = torch.tensor(c), torch.tensor(t)
    return x, y


def accuracy(net, x, y):
    net.eval()
    with torch.no_grad():
        hit = (net(x).argmax(-1) == y)[y >= 0].float().mean().item()
    net.train()
    return hit


rows = list({s: t for s, t in (script() for _ in range(2200))}.items())
(xt, yt), (xd, yd) = tensors(rows[:1800]), tensors(rows[1800:])
net = Tagger()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
COLLECT = 2
for epoch in range(5):
    total, parts = 0.0, torch.randperm(len(xt)).split(32)
    opt.zero_grad()
    for k, p in enumerate(parts):
        loss = F.cross_entropy(net(xt[p]).reshape(-1, TAGS), yt[p].reshape(-1))
        (loss / COLLECT).backward()
        total += loss.item()
        if (k + 1) % COLLECT == 0 or k + 1 == len(parts):
            opt.step()
            opt.zero_grad()
    print(f"epoch {epoch} loss {total / len(parts):.4f} dev tag accuracy {accuracy(net, xd, yd):.4f}")
print(f"train {accuracy(net, xt, yt):.4f} dev {accuracy(net, xd, yd):.4f}")
