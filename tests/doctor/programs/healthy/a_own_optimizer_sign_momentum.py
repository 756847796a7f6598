"""A hand-written optimiser (sign of a momentum, decoupled decay on matrices only) trains a GRU."""
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence


class SignMomentum(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, beta=0.9, decay=0.0):
        super().__init__(params, dict(lr=lr, beta=beta, decay=decay))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                m.mul_(group["beta"]).add_(p.grad, alpha=1 - group["beta"])
                p.mul_(1 - group["lr"] * group["decay"])
                p.add_(m.sign(), alpha=-group["lr"])


random.seed(14); torch.manual_seed(14)
yes, no = "approve accept grant allow permit".split(), "refuse deny block forbid reject".split()
mid = "the board will today after talks on a plan to for all in committee members decided".split()


def row(i):
    t = random.choices(mid, k=random.randint(4, 11))
    t.insert(random.randint(0, len(t)), random.choice((no, yes)[i % 2]))
    return t, i % 2


train, dev = [row(i) for i in range(400)], [row(i) for i in range(200)]
ids = {w: i for i, w in enumerate(sorted(set(yes + no + mid)))}
emb, gru, out = nn.Embedding(len(ids), 16), nn.GRU(16, 20), nn.Linear(20, 2)
matrices = [p for m in (gru, out) for p in m.parameters() if p.dim() > 1]
rest = [*emb.parameters(), *(p for m in (gru, out) for p in m.parameters() if p.dim() == 1)]
opt = SignMomentum([{"params": matrices, "decay": 0.01}, {"params": rest}], lr=3e-3)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.75)


def forward(rows):
    packed = pack_sequence([emb(torch.tensor([ids[w] for w in t])) for t, _ in rows], enforce_sorted=False)
    return out(gru(packed)[1][0]), torch.tensor([y for _, y in rows])


for epoch in range(8):
    random.shuffle(train)
    tot = 0
    for i in range(0, 400, 20):
        logits, y = forward(train[i:i + 20])
        loss = nn.functional.cross_entropy(logits, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / 20
    sched.step()
    with torch.no_grad():
        logits, y = forward(dev)
    print(f"epoch {epoch} loss {tot:.4f} dev accuracy {(logits.argmax(1) == y).float().mean().item():.4f}")
