"""Delivery time as an interval: pinball loss for the 10th, 50th and 90th percentile. The noise depends on the text."""
import random

import torch
from torch import nn

random.seed(204)
torch.manual_seed(204)
Q = torch.tensor([0.1, 0.5, 0.9])
place = {f"town{i}": random.uniform(1, 9) for i in range(40)}
wobble = {"island": 3.0, "storm": 4.0, "strike": 5.0}
rest = "parcel letter fragile heavy gift please ring bell door left".split()
vocab = {w: i for i, w in enumerate([*place, *wobble, *rest])}


def parcel():
    town = random.choice(list(place))
    extra = random.sample(list(wobble), random.choice([0, 0, 1]))
    days = place[town] + random.gauss(0, 0.4 + sum(wobble[w] for w in extra) / 3)
    t = [town] + extra + random.sample(rest, random.randint(3, 6))
    return t, days


def tensors(rows):
    x = torch.zeros(len(rows), len(vocab))
    for r, (t, _) in enumerate(rows):
        x[r, [vocab[w] for w in t]] = 1
    return x, torch.tensor([d for _, d in rows])


x, y = tensors([parcel() for _ in range(3000)])
xd, yd = tensors([parcel() for _ in range(1000)])
net = nn.Sequential(nn.Linear(len(vocab), 24), nn.SiLU(), nn.Linear(24, 3))
opt = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=0.05)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 10)


def pinball(pred, target):
    d = target.unsqueeze(1) - pred
    return torch.maximum(Q * d, (Q - 1) * d).mean()


for epoch in range(10):
    for b in torch.randperm(len(x)).split(50):
        loss = pinball(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    with torch.no_grad():
        p = net(xd)
        inside = ((yd > p[:, 0]) & (yd < p[:, 2])).float().mean()
    print(f"epoch {epoch} loss {loss.item():.4f} dev pinball {pinball(p, yd).item():.4f} inside the interval {inside.item():.3f} (80 % wanted)")
