"""Class-conditional affine coupling flow over standardised vowel features; Bayes rule on the densities
gives a classifier. The objective is a negative log-density in nats and does not stop at zero."""
import math

import torch
from torch import nn

torch.manual_seed(31)
VOWELS, D = 4, 6
gen = torch.Generator().manual_seed(5)
means = 2.0 * torch.randn(VOWELS, D, generator=gen)
load = 0.5 * torch.randn(VOWELS, D, 2, generator=gen)


def tokens(n):
    y = torch.randint(0, VOWELS, (n,), generator=gen)
    z = torch.randn(n, 2, 1, generator=gen)
    x = means[y] + (load[y] @ z).squeeze(-1) + 0.15 * torch.randn(n, D, generator=gen)
    return x, y


xtr, ytr = tokens(2400)
xte, yte = tokens(500)
mu, sd = xtr.mean(0), xtr.std(0)
xtr, xte = (xtr - mu) / sd, (xte - mu) / sd


class Coupling(nn.Module):
    def __init__(self, flip):
        super().__init__()
        self.flip = flip
        self.net = nn.Sequential(nn.Linear(D // 2 + VOWELS, 32), nn.Tanh(), nn.Linear(32, D))
        nn.init.zeros_(self.net[-1].weight)           # identity at the start
        nn.init.zeros_(self.net[-1].bias)

    def forward(self, x, c):
        a, b = x.chunk(2, -1)
        if self.flip:
            a, b = b, a
        s, t = self.net(torch.cat([a, c], -1)).chunk(2, -1)
        s = 3 * torch.tanh(s / 3)
        b = (b + t) * s.exp()
        return torch.cat([b, a] if self.flip else [a, b], -1), s.sum(-1)


class Flow(nn.Module):
    def __init__(self, n=6):
        super().__init__()
        self.layers = nn.ModuleList(Coupling(i % 2 == 1) for i in range(n))

    def log_prob(self, x, y):
        c = nn.functional.one_hot(y, VOWELS).float()
        logdet = 0.0
        for layer in self.layers:
            x, ld = layer(x, c)
            logdet = logdet + ld
        return -0.5 * (x ** 2).sum(-1) - 0.5 * D * math.log(2 * math.pi) + logdet


flow = Flow()
opt = torch.optim.Adam(flow.parameters(), lr=5e-3)
epochs = 8
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=epochs * 48)


@torch.no_grad()
def evaluate(x, y):
    flow.eval()
    every = torch.stack([flow.log_prob(x, torch.full_like(y, k)) for k in range(VOWELS)], 1)
    return -every.gather(1, y[:, None]).mean().item(), (every.argmax(1) == y).float().mean().item()


for epoch in range(epochs):
    flow.train()
    for b in torch.randperm(len(xtr)).split(50):
        nll = -flow.log_prob(xtr[b], ytr[b]).mean()
        opt.zero_grad()
        nll.backward()
        nn.utils.clip_grad_norm_(flow.parameters(), 10.0)
        opt.step()
        sched.step()
    print("epoch %d  nll train %.3f  test %.3f  vowel accuracy %.3f"
          % (epoch, evaluate(xtr, ytr)[0], *evaluate(xte, yte)))
