"""Predict a spread as well as a mean: Gaussian likelihood in nats, own trainer, EMA of the weights for evaluation.

The noise is small, so the negative log-likelihood ends far below zero.
"""
import copy
import dataclasses
import math

import torch


@dataclasses.dataclass
class Options:
    n: int = 3000
    hidden: int = 48
    epochs: int = 8
    batch: int = 50
    lr: float = 1e-2
    decay: float = 0.98


class Dense(torch.nn.Module):
    def __init__(self, i, o, act=lambda z: z):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.empty(i, o).normal_(0, math.sqrt(1.5 / i)))
        self.bias = torch.nn.Parameter(torch.zeros(o))
        self.act = act

    def forward(self, x):
        return self.act(x @ self.weight + self.bias)


class Net(torch.nn.Module):
    def __init__(self, o):
        super().__init__()
        self.a, self.b = Dense(4, o.hidden, torch.tanh), Dense(o.hidden, o.hidden, torch.tanh)
        self.mean, self.spread = Dense(o.hidden, 1), Dense(o.hidden, 1)

    def forward(self, x):
        h = self.b(self.a(x))
        return self.mean(h)[:, 0], self.spread(h)[:, 0]


def nll(out, y):
    mu, log_s = out
    return (log_s + 0.5 * ((y - mu) / log_s.exp()) ** 2 + 0.5 * math.log(2 * math.pi)).mean()


class Ema:
    def __init__(self, net, decay):
        self.shadow, self.decay = copy.deepcopy(net).requires_grad_(False), decay

    @torch.no_grad()
    def update(self, net):
        for s, p in zip(self.shadow.parameters(), net.parameters()):
            s.lerp_(p, 1 - self.decay)


class Trainer:
    def __init__(self, net, options, hooks):
        self.net, self.o, self.hooks = net, options, hooks
        self.ema = Ema(net, options.decay)
        self.opt = torch.optim.Adam(net.parameters(), lr=options.lr)
        self.sched = torch.optim.lr_scheduler.LambdaLR(self.opt, lambda e: 0.5 * (1 + math.cos(math.pi * e / options.epochs)))

    def fit(self, x, y):
        for epoch in range(self.o.epochs):
            for idx in torch.randperm(len(x)).split(self.o.batch):
                loss = nll(self.net(x[idx]), y[idx])
                self.net.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
                self.opt.step()
                self.ema.update(self.net)
            self.sched.step()
            for hook in self.hooks:
                hook(epoch, self)


def world(n):
    x = torch.rand(n, 4) * 2 - 1
    mean = 0.6 * torch.sin(2 * x[:, 0]) + 0.4 * x[:, 1] * x[:, 2]
    return x, mean + torch.randn(n) * (0.08 * torch.exp(0.9 * x[:, 3]))


def main():
    torch.manual_seed(9)
    o = Options()
    train, test = world(o.n), world(600)

    @torch.no_grad()
    def report(epoch, tr):
        mu, log_s = tr.ema.shadow(test[0])
        r2 = 1 - (mu - test[1]).var() / test[1].var()
        inside = ((mu - test[1]).abs() < 1.64 * log_s.exp()).float().mean()
        print(f"epoch {epoch} nll train {nll(tr.ema.shadow(train[0]), train[1]):.3f} test {nll((mu, log_s), test[1]):.3f} R2 {r2:.3f} in 90% band {inside:.3f}")

    Trainer(Net(o), o, [report]).fit(*train)


main()
