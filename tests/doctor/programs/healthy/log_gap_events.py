"""Time-stamped server log: predict the next event type and the log-gap to it (two heads)."""
import math
import numpy as np
import torch
from torch import nn

torch.manual_seed(64)
rng = np.random.default_rng(64)
EVENTS = ["boot", "auth", "query", "cache_miss", "disk", "timeout", "retry", "logout"]
E = len(EVENTS)
NEXT = rng.permutation(E)
ALT = rng.permutation(E)
RATE = rng.uniform(0.2, 30, E)


def session(n=25):
    ev, gaps, cur = [], [], rng.integers(E)
    for _ in range(n):
        ev.append(cur)
        gaps.append(math.log(RATE[cur] * rng.lognormal(0, 0.2)))
        cur = NEXT[cur] if rng.random() < 0.85 else ALT[cur]
    return ev, gaps


S = [session() for _ in range(700)]
ev = torch.tensor(np.array([s[0] for s in S]))
gap = torch.tensor(np.array([s[1] for s in S]), dtype=torch.float32)
tr, te = slice(0, 600), slice(600, 700)


class Watcher(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(E, 6)
        self.r = nn.GRU(7, 24, batch_first=True)
        self.kind, self.when = nn.Linear(24, E), nn.Linear(24, 2)

    def forward(self, e, g):
        h, _ = self.r(torch.cat([self.e(e), g.unsqueeze(-1) / 3], -1))
        mu, ls = self.when(h).unbind(-1)
        return self.kind(h), mu, ls


net = Watcher()
opt = torch.optim.RMSprop(net.parameters(), lr=4e-3)


def losses(rows_e, rows_g):
    # step t sees event t and the gap before it, predicts event t+1 and the gap after event t
    before = torch.cat([torch.zeros(len(rows_g), 1), rows_g[:, :-2]], 1)
    logit, mu, ls = net(rows_e[:, :-1], before)
    ce = nn.functional.cross_entropy(logit.reshape(-1, E), rows_e[:, 1:].reshape(-1))
    nll = (ls + 0.5 * ((rows_g[:, :-1] - mu) / ls.exp()) ** 2).mean()       # log-density up to a constant
    hit = (logit.argmax(-1) == rows_e[:, 1:]).float().mean()
    return ce, nll, hit


for ep in range(6):
    net.train()
    acc = []
    for b in torch.randperm(600).split(15):
        ce, nll, hit = losses(ev[b], gap[b])
        opt.zero_grad()
        (ce + nll).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        opt.step()
        acc.append((ce.item(), nll.item(), hit.item()))
    net.eval()
    with torch.no_grad():
        v = losses(ev[te], gap[te])
    print("epoch %d train ce %.3f gap %.3f hit %.3f | held out ce %.3f gap %.3f hit %.3f" % (ep, *np.mean(acc, 0), *map(float, v)))
