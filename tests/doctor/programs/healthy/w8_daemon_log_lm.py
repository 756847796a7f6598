#!/usr/bin/env python3
"""Event-sequence model of a daemon's log; strange sessions get a high surprise.

Sessions are glued into one endless tape (column-wise, T x B), no padding anywhere; the hidden
state is carried from window to window.  Input and output share one table."""
import math
import numpy as np
import torch
from torch import nn

STATES = {
    "start": [("bind", .9), ("error", .1)], "bind": [("listen", 1.)],
    "listen": [("accept", .8), ("timeout", .2)], "timeout": [("listen", .7), ("stop", .3)],
    "accept": [("auth_ok", .85), ("auth_fail", .15)], "auth_fail": [("close", .6), ("accept", .4)],
    "auth_ok": [("read", .6), ("write", .4)], "read": [("read", .3), ("write", .3), ("close", .4)],
    "write": [("flush", 1.)], "flush": [("read", .4), ("close", .6)],
    "close": [("listen", .6), ("stop", .4)], "error": [("stop", 1.)],
}
EVENTS = sorted(STATES) + ["stop"]
ID = {e: i for i, e in enumerate(EVENTS)}
rng = np.random.default_rng(22)
torch.manual_seed(22)


def session():
    s = ["start"]
    while s[-1] != "stop" and len(s) < 40:
        nxt, p = zip(*STATES[s[-1]])
        s.append(str(rng.choice(nxt, p=p)))
    return [ID[e] for e in s]


def tampered():
    s = session()
    while len(s) < 6:
        s = session()
    i, j = rng.choice(np.arange(1, len(s) - 1), 2, replace=False)
    s[i] = int(rng.integers(len(EVENTS)))
    s[j] = int(rng.integers(len(EVENTS)))
    return s


def tape(sessions, cols):
    flat = torch.tensor([e for s in sessions for e in s])
    rows = len(flat) // cols
    return flat[:rows * cols].view(cols, rows).t().contiguous()


class LogLM(nn.Module):
    def __init__(self, n, d=24):
        super().__init__()
        self.table = nn.Embedding(n, d)
        self.gru = nn.GRU(d, d)
        self.bias = nn.Parameter(torch.zeros(n))
        nn.init.normal_(self.table.weight, std=0.3)

    def forward(self, x, h=None):
        out, h = self.gru(self.table(x), h)
        return out @ self.table.weight.t() + self.bias, h


train = tape([session() for _ in range(1200)], 20)
held = tape([session() for _ in range(300)], 20)
lm = LogLM(len(EVENTS))
opt = torch.optim.RMSprop(lm.parameters(), lr=6e-3)
fall = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.1, total_iters=4)


def perplexity(t):
    with torch.no_grad():
        z, _ = lm(t[:-1])
        return math.exp(nn.functional.cross_entropy(z.flatten(0, 1), t[1:].flatten()).item())


BPTT = 16
for epoch in range(4):
    h, total, n = None, 0.0, 0
    for i in range(0, len(train) - 1, BPTT):
        x = train[i:i + BPTT][:len(train) - 1 - i]
        y = train[i + 1:i + 1 + len(x)]
        z, h = lm(x, h)
        h = h.detach()
        loss = nn.functional.cross_entropy(z.flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(lm.parameters(), 0.5)
        opt.step()
        total, n = total + loss.item(), n + 1
    fall.step()
    print(f"epoch {epoch} loss {total / n:.4f} ppl train {perplexity(train):.3f} held-out {perplexity(held):.3f}")


def surprise(s):
    t = torch.tensor(s)[:, None]
    with torch.no_grad():
        lp = lm(t[:-1])[0].log_softmax(-1)
    return -lp.gather(2, t[1:, :, None]).min().item()


good, bad = [surprise(session()) for _ in range(150)], [surprise(tampered()) for _ in range(150)]
print("AUC of the worst event, tampered vs normal: %.3f" % np.mean(np.array(bad)[:, None] > np.array(good)))
