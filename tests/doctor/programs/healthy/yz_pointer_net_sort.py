"""
Ptr-Net (Vinyals et al. 2015), toy edition: emit the indices of a set of reals in ascending order.
The decoder never produces a symbol from a vocabulary, only positions of the input.
"""
import math
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(7)
N_ITEMS = 4
H = 40


class PtrNet(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.inp = nn.Sequential(nn.Linear(1, h), nn.Tanh(), nn.Linear(h, h))
        self.ctx = nn.Linear(h, h)
        self.cell = nn.GRUCell(h, h)
        self.start = nn.Parameter(torch.randn(h) * 0.1)
        self.W1 = nn.Linear(h, h, bias=False)
        self.W2 = nn.Linear(h, h, bias=False)
        self.v = nn.Linear(h, 1, bias=False)

    def forward(self, xs, gold=None):
        B, n = xs.shape
        enc = self.inp(xs.unsqueeze(-1))
        hid = torch.tanh(self.ctx(enc.mean(1)))  # sets have a fixed size here
        tok = self.start.expand(B, -1)
        used = torch.zeros(B, n, dtype=torch.bool)
        keys = self.W1(enc)
        logps, picks = [], []
        for t in range(n):
            hid = self.cell(tok, hid)
            u = self.v(torch.tanh(keys + self.W2(hid).unsqueeze(1))).squeeze(-1)
            u = u.masked_fill(used, -math.inf)
            lp = F.log_softmax(u, dim=1)
            idx = gold[:, t] if gold is not None else lp.argmax(1)
            logps.append(lp)
            picks.append(idx)
            used = used | F.one_hot(idx, n).bool()
            tok = enc[torch.arange(B), idx]
        return logps, torch.stack(picks, 1)


def make(n, gen):
    x = torch.rand(n, N_ITEMS, generator=gen) * 2 - 1
    return x, x.argsort(1)


g = torch.Generator().manual_seed(1)
xtr, ytr = make(6000, g)
xte, yte = make(1000, g)
net = PtrNet(H)
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
EPOCHS, BS = 4, 128
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, total_steps=EPOCHS * math.ceil(len(xtr) / BS))
for ep in range(EPOCHS):
    order = torch.randperm(len(xtr), generator=g)
    tot = 0.
    for i in range(0, len(order), BS):
        b = order[i:i + BS]
        logps, _ = net(xtr[b], gold=ytr[b])
        # the last step has a single candidate left, its log-prob is 0
        loss = sum(F.nll_loss(lp, ytr[b][:, t]) for t, lp in enumerate(logps[:-1])) / (N_ITEMS - 1)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        opt.step()
        sched.step()
        tot += loss.item() * len(b)
    print(f"ep {ep} nll/step {tot / len(xtr):.4f}")


def greedy_score(x, y):
    net.eval()
    with torch.no_grad():
        _, p = net(x)
    net.train()
    return (p == y).float().mean().item(), (p == y).all(1).float().mean().item()


print("train elem/seq acc: %.3f %.3f" % greedy_score(xtr[:1000], ytr[:1000]))
print("test  elem/seq acc: %.3f %.3f" % greedy_score(xte, yte))
