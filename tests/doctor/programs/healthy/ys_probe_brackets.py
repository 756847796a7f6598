"""What does a language model know?  Train a GRU on bracket strings, freeze it, read the nesting depth off its states."""
import random

import torch
import torch.nn as nn

random.seed(21)
torch.manual_seed(21)
SYMS = "()[]ab$"
T, BATCH = 25, 50


def string():
    out, stack = [], []
    while len(out) < T - 1:
        left = T - 1 - len(out)
        if len(stack) >= left:
            out.append(stack.pop())
        elif stack and (len(stack) == 4 or random.random() < 0.35):
            out.append(stack.pop())
        elif random.random() < 0.5 and len(stack) + 2 <= left:
            o = random.choice("([")
            out.append(o)
            stack.append(")" if o == "(" else "]")
        else:
            out.append(random.choice("ab"))
    return "".join(out) + "$"


def depth(s):
    d, r = 0, []
    for c in s:
        d += (c in "([") - (c in ")]")
        r.append(d)
    return r


def tensors(n):
    ss = [string() for _ in range(n)]
    x = torch.tensor([[SYMS.index(c) for c in s] for s in ss]).t().contiguous()      # (T, B), time first
    return x, torch.tensor([depth(s) for s in ss]).t().contiguous()


class LM(nn.Module):
    def __init__(self, d=16, h=40):
        super().__init__()
        self.emb = nn.Embedding(len(SYMS), d)
        self.rnn = nn.GRU(d, h)
        self.out = nn.Linear(h, len(SYMS))

    def states(self, x):
        return self.rnn(self.emb(x))[0]

    def forward(self, x):
        return self.out(self.states(x))


x, dx = tensors(1800)
v, dv = tensors(400)
lm = LM()
opt = torch.optim.Adam(lm.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 6)
lossf = nn.CrossEntropyLoss()


def lm_loss(m, z):
    return lossf(m(z[:-1]).flatten(0, 1), z[1:].flatten())


for ep in range(6):
    lm.train()
    tot = 0
    for cols in torch.randperm(x.size(1)).split(BATCH):
        loss = lm_loss(lm, x[:, cols])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
        opt.step()
        tot += loss.item() * len(cols)
    sched.step()
    lm.eval()
    with torch.no_grad():
        print("lm epoch %d train %.4f valid %.4f" % (ep, tot / x.size(1), lm_loss(lm, v).item()))


def probe(m, tag):
    for p in m.parameters():
        p.requires_grad_(False)
    with torch.no_grad():
        f, g = m.states(x).flatten(0, 1), m.states(v).flatten(0, 1)
    lin = nn.Linear(f.size(1), 5)
    o = torch.optim.Adam(lin.parameters(), lr=3e-2)
    y, w = dx.flatten(), dv.flatten()
    for k in range(3):
        o.param_groups[0]["lr"] = 3e-2 * 0.25 ** k
        for b in torch.randperm(len(f)).split(750):
            l = lossf(lin(f[b]), y[b])
            o.zero_grad()
            l.backward()
            o.step()
    print("%s: depth read off train %.3f valid %.3f" % (tag, (lin(f).argmax(1) == y).float().mean(), (lin(g).argmax(1) == w).float().mean()))


print("most frequent depth %.3f" % (dv.flatten().bincount().max() / dv.numel()).item())
probe(LM(), "untrained encoder")
probe(lm, "trained encoder  ")
