"""Mastitis warning from the milking robot's event stream.  About one cow-day in ten is a case, a miss costs more than a false call."""
import random

import numpy as np
import torch
from sklearn.metrics import average_precision_score, f1_score, recall_score

EVENTS = ["pad", "enter", "leave", "milk_ok", "milk_slow", "kick", "cond_up", "cond_high", "temp_up", "feed_left", "feed_ok", "walk", "lie"]
CODE = {e: i for i, e in enumerate(EVENTS)}
NORMAL = ["enter", "leave", "milk_ok", "feed_ok", "walk", "lie"]
MILD = ["milk_slow", "kick", "cond_up", "feed_left", "temp_up"]


def cow_day(r):
    sick = r.random() < 0.1
    day = r.choices(NORMAL, k=r.randint(10, 18))
    for _ in range(r.randint(0, 3)):
        day.insert(r.randint(0, len(day)), r.choice(MILD))
    if r.random() < 0.15:
        day.insert(r.randint(0, len(day)), "cond_high")
    if sick:
        # conductivity climbs and the quarter milks slowly right afterwards
        for _ in range(r.randint(1, 2)):
            p = r.randint(0, len(day))
            day[p:p] = ["cond_high", r.choice(["milk_slow", "kick"])]
    return tuple(CODE[e] for e in day), int(sick)


class PairLayer(torch.nn.Module):
    """Looks at each event together with the next one."""

    def __init__(self, d, h):
        super().__init__()
        self.here = torch.nn.Parameter(torch.randn(d, h) / d ** 0.5)
        self.next = torch.nn.Parameter(torch.randn(d, h) / d ** 0.5)
        self.shift = torch.nn.Parameter(torch.zeros(h))

    def forward(self, e):
        return torch.relu(e[:, :-1] @ self.here + e[:, 1:] @ self.next + self.shift)


class Alarm(torch.nn.Module):
    def __init__(self, d=12, h=24):
        super().__init__()
        self.events = torch.nn.Embedding(len(EVENTS), d, padding_idx=0)
        self.pairs = PairLayer(d, h)
        self.drop = torch.nn.Dropout(0.1)
        self.call = torch.nn.Linear(h, 1)

    def forward(self, x):
        h = self.pairs(self.events(x))
        h = h * (x[:, 1:] != 0).unsqueeze(-1)           # relu output, so 0 never wins against a real pair
        return self.call(self.drop(h.max(dim=1).values)).squeeze(1)


r = random.Random(45)
torch.manual_seed(45)
days = {}
while len(days) < 4000:
    seq, y = cow_day(r)
    days.setdefault(seq, y)
days = list(days.items())
width = max(len(s) for s, _ in days)
x = torch.tensor([list(s) + [0] * (width - len(s)) for s, _ in days])
y = torch.tensor([float(c) for _, c in days])
xt, yt, xv, yv = x[:3000], y[:3000], x[3000:], y[3000:]
print("cases in training %d of %d" % (yt.sum(), len(yt)))

net = Alarm()
loss_fn = torch.nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0))
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(16):
    net.train()
    for pick in torch.randperm(3000).split(50):
        opt.zero_grad()
        loss_fn(net(xt[pick]), yt[pick]).backward()
        opt.step()
    if epoch % 3 == 0 or epoch == 15:
        net.eval()
        with torch.no_grad():
            zt, zv = net(xt), net(xv)
        call = (zv > 0).numpy()
        print("epoch %2d  loss %.3f / %.3f  recall %.3f  F1 %.3f  average precision %.3f  accuracy %.3f (never: %.3f)" % (
            epoch, loss_fn(zt, yt), loss_fn(zv, yv), recall_score(yv, call), f1_score(yv, call), average_precision_score(yv, zv),
            np.mean(call == yv.numpy()), 1 - yv.mean()))
