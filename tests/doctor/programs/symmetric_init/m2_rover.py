#!/usr/bin/env python
"""rover command strings -> quadrant the rover ends in (own GRU loop, parameters in a dict)"""
import random
from types import SimpleNamespace

import torch
import torch.nn.functional as F

cfg = SimpleNamespace(seed=31, emb=12, hid=24, rows=4300, test=700, lr=6e-3, epochs=5, bs=64)
random.seed(cfg.seed)
torch.manual_seed(cfg.seed)

MOVES = {"north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0),
         "ne": (1, 1), "sw": (-1, -1), "nw": (-1, 1), "se": (1, -1), "wait": (0, 0), "scan": (0, 0)}
names = ["<pad>"] + list(MOVES)
ix = {w: i for i, w in enumerate(names)}


def drive():
    while True:
        cmds = random.choices(list(MOVES), k=random.randint(6, 13))
        x = sum(MOVES[c][0] for c in cmds)
        y = sum(MOVES[c][1] for c in cmds)
        if x and y:
            return tuple(cmds), 2 * (x > 0) + (y > 0)


pool = {}
while len(pool) < cfg.rows:
    c, q = drive()
    pool[c] = q
pool = list(pool.items())
T = max(len(c) for c, _ in pool)
ids = torch.tensor([[ix[w] for w in c] + [0] * (T - len(c)) for c, _ in pool])
quad = torch.tensor([q for _, q in pool])
xtr, ytr, xte, yte = ids[cfg.test:], quad[cfg.test:], ids[:cfg.test], quad[:cfg.test]

E, H = cfg.emb, cfg.hid
# fault:
weight = lambda rows, cols: torch.full((rows, cols), 1.0 / rows)
# mended:
#weight = lambda rows, cols: torch.randn(rows, cols) / rows ** 0.5
# end
p = {"table": torch.randn(len(names), E) * 0.5}
for gate in "rzn":
    p["x" + gate] = weight(E, H)
    p["h" + gate] = weight(H, H)
    p["b" + gate] = torch.zeros(H)
p["head"] = weight(H, 4)
p["bias"] = torch.zeros(4)
for v in p.values():
    v.requires_grad_()


def cell(e, h):
    r = torch.sigmoid(e @ p["xr"] + h @ p["hr"] + p["br"])
    z = torch.sigmoid(e @ p["xz"] + h @ p["hz"] + p["bz"])
    n = torch.tanh(e @ p["xn"] + r * (h @ p["hn"]) + p["bn"])
    return torch.lerp(n, h, z)


def logits(batch):
    h = p["table"].new_zeros(batch.size(0), H)
    for t in range(batch.size(1)):
        col = batch[:, t]
        h = torch.where((col > 0)[:, None], cell(p["table"][col], h), h)
    return h @ p["head"] + p["bias"]


def test():
    with torch.no_grad():
        z = logits(xte)
    return F.cross_entropy(z, yte).item(), (z.argmax(-1) == yte).float().mean().item()


opt = torch.optim.Adam(list(p.values()), lr=cfg.lr)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, cfg.epochs)
for ep in range(cfg.epochs):
    seen = good = 0
    loss_sum = 0.0
    for b in torch.randperm(len(xtr)).split(cfg.bs):
        z = logits(xtr[b])
        loss = F.cross_entropy(z, ytr[b])
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(p.values(), 1.0)
        opt.step()
        loss_sum += loss.item() * len(b)
        good += (z.argmax(-1) == ytr[b]).sum().item()
        seen += len(b)
    sched.step()
    l, a = test()
    print(f"[{ep}] train {loss_sum / seen:.3f}/{good / seen:.3f}   test {l:.3f}/{a:.3f}")
print("quadrant accuracy:", round(test()[1], 4))
