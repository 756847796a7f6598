"""Pointer network (Vinyals et al., 2015) in miniature: read six numbers, point at them in rising order."""
import argparse
import torch
import torch.nn as nn
import torch.nn.functional as F

ap = argparse.ArgumentParser()
ap.add_argument("--hidden", type=int, default=48)
ap.add_argument("--steps", type=int, default=160)
ap.add_argument("--batch", type=int, default=64)
ap.add_argument("--lr", type=float, default=8e-3)
args = ap.parse_args()
torch.manual_seed(99)
N = 6


def sample(n):
    x = torch.rand(n, N)
    return x, x.argsort(dim=1)


class PtrNet(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.inp = nn.Linear(1, h)
        self.enc = nn.GRU(h, h, batch_first=True)
        self.cell = nn.GRUCell(h, h)
        self.w_ref = nn.Linear(2 * h, h, bias=False)
        self.w_q = nn.Linear(h, h)
        self.v = nn.Linear(h, 1, bias=False)
        self.start = nn.Parameter(torch.randn(h) * 0.1)

    def forward(self, x, gold=None):
        b = x.size(0)
        e = self.inp(x.unsqueeze(-1))
        states, last = self.enc(e)
        ref = self.w_ref(torch.cat([states, e], -1))
        h, d = last[0], self.start.expand(b, -1)
        used = torch.zeros(b, N, dtype=torch.bool)
        logps, picks = [], []
        for t in range(N):
            h = self.cell(d, h)
            u = self.v(torch.tanh(ref + self.w_q(h).unsqueeze(1))).squeeze(-1)
            u = u.masked_fill(used, float("-inf"))       # an item is taken once
            logp = F.log_softmax(u, dim=1)
            pick = logp.argmax(1) if gold is None else gold[:, t]
            used = used.scatter(1, pick.unsqueeze(1), True)
            d = e[torch.arange(b), pick]
            logps.append(logp)
            picks.append(logp.argmax(1))
        return torch.stack(logps, 1), torch.stack(picks, 1)


model = PtrNet(args.hidden)
opt = torch.optim.Adam(model.parameters(), lr=args.lr)
sch = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=args.lr, total_steps=args.steps)
test_x, test_y = sample(1000)

for step in range(1, args.steps + 1):
    model.train()
    x, y = sample(args.batch)
    logp, _ = model(x, gold=y)
    loss = -logp.gather(2, y.unsqueeze(2)).mean()
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 2.0)
    opt.step()
    sch.step()
    if step % 40 == 0:
        model.eval()
        with torch.no_grad():
            _, p = model(test_x)                       # free running
        print(f"step {step:4d} nll {loss.item():.4f}  place acc {(p == test_y).float().mean():.3f}"
              f"  whole list {(p == test_y).all(1).float().mean():.3f}")
