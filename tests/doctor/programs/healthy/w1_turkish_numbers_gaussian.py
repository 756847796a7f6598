"""Sayılar: Turkish number words -> value.  A GRU cell by hand over time-major batches; the net says how sure it is (Gaussian likelihood)."""
import math
import random

import torch
from torch import nn

random.seed(101)
torch.manual_seed(101)
ONES = ["", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz"]
TENS = ["", "on", "yirmi", "otuz", "kırk", "elli", "altmış", "yetmiş", "seksen", "doksan"]


def below_thousand(n):
    h, t, o = n // 100, n // 10 % 10, n % 10
    return ([ONES[h]] if h > 1 else []) + (["yüz"] if h else []) + [w for w in (TENS[t], ONES[o]) if w]


def spell(n):
    k, r = divmod(n, 1000)
    return (below_thousand(k) if k > 1 else []) + (["bin"] if k else []) + below_thousand(r)


vocab = {w: i + 1 for i, w in enumerate([w for w in ONES + TENS if w] + ["yüz", "bin"])}
numbers = random.sample(range(1, 100000), 5000)


def tensors(ns):
    ids = [[vocab[w] for w in spell(n)] for n in ns]
    longest = max(map(len, ids))
    x = torch.tensor([i + [0] * (longest - len(i)) for i in ids]).t()
    return x, torch.tensor([math.log10(n) for n in ns])


class Reader(nn.Module):
    def __init__(self, dim=16, hidden=48):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, dim, padding_idx=0)
        self.cell = nn.GRUCell(dim, hidden)
        self.out = nn.Linear(hidden, 2)
        with torch.no_grad():
            self.out.bias.copy_(torch.tensor([4.5, 0.0]))

    def forward(self, x):
        h = x.new_zeros(x.shape[1], self.cell.hidden_size, dtype=torch.float)
        for token in x:
            h = torch.where((token > 0)[:, None], self.cell(self.emb(token), h), h)
        mean, log_var = self.out(h).unbind(1)
        return mean, log_var.clamp(-9, 4)


def likelihood_loss(mean, log_var, target):
    return 0.5 * (log_var + (target - mean) ** 2 / log_var.exp()).mean()


x, t = tensors(numbers[:4200])
xd, td = tensors(numbers[4200:])
net = Reader()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 16)
for epoch in range(16):
    for cols in torch.randperm(x.shape[1]).split(64):
        loss = likelihood_loss(*net(x[:, cols]), t[cols])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
    sched.step()
    if epoch % 4 == 3:
        with torch.no_grad():
            m, v = net(xd)
        print(f"epoch {epoch + 1}: train nll {loss.item():.3f} dev nll {likelihood_loss(m, v, td):.3f} dev mean error {(m - td).abs().mean():.4f} (constant guess {(td - td.median()).abs().mean():.4f})")
