"""Echo-state classifier for keyboard-event logs: the reservoir is drawn once and stays, only the read-out learns."""
import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F


@dataclass
class Conf:
    keys: int = 30
    kinds: int = 4
    lo: int = 15
    hi: int = 32
    units: int = 80
    radius: float = 0.9
    leak: float = 0.4
    n_train: int = 3000
    n_test: int = 600
    epochs: int = 15
    lr: float = 1e-2
    seed: int = 12


def make_logs(conf, n, chains, gen):
    kind = torch.arange(n) % conf.kinds
    length = torch.randint(conf.lo, conf.hi + 1, (n,), generator=gen)
    ids = torch.zeros(n, conf.hi, dtype=torch.long)
    now = torch.randint(conf.keys, (n,), generator=gen)
    for t in range(conf.hi):
        ids[:, t] = now
        now = torch.multinomial(chains[kind, now], 1, generator=gen).squeeze(1)
    inside = torch.arange(conf.hi) < length[:, None]
    return ids + 1, inside, kind


class Reservoir(nn.Module):
    """Fixed random recurrent features, kept as buffers."""

    def __init__(self, conf):
        super().__init__()
        w = torch.randn(conf.units, conf.units) / math.sqrt(conf.units)
        w *= conf.radius / torch.linalg.eigvals(w).abs().max()
        self.register_buffer("recur", w)
        self.register_buffer("inject", torch.randn(conf.keys + 1, conf.units) * 0.7)
        self.leak = conf.leak

    @torch.no_grad()
    def forward(self, ids, inside):
        drive = F.embedding(ids, self.inject)
        h = drive.new_zeros(ids.shape[0], self.recur.shape[0])
        mean, square = torch.zeros_like(h), torch.zeros_like(h)
        for t in range(ids.shape[1]):
            keep = inside[:, t, None]
            new = (1 - self.leak) * h + self.leak * torch.tanh(drive[:, t] + h @ self.recur)
            h = torch.where(keep, new, h)
            mean += new * keep
            square += new * new * keep
        n = inside.sum(1, keepdim=True)
        return torch.cat([mean / n, square / n, h], dim=1)


class ReadOut(nn.Module):
    def __init__(self, width, kinds):
        super().__init__()
        self.norm = nn.BatchNorm1d(width, affine=False)
        self.lin = nn.Linear(width, kinds)

    def forward(self, x):
        return self.lin(self.norm(x))


class EchoNet(nn.Module):
    def __init__(self, conf):
        super().__init__()
        self.reservoir = Reservoir(conf)
        self.read = ReadOut(3 * conf.units, conf.kinds)

    def forward(self, ids, inside):
        return self.read(self.reservoir(ids, inside))


def main():
    conf = Conf()
    torch.manual_seed(conf.seed)
    gen = torch.Generator().manual_seed(conf.seed + 1)
    chains = torch.softmax(torch.randn(conf.kinds, conf.keys, conf.keys, generator=gen) * 1.6, -1)
    train = make_logs(conf, conf.n_train, chains, gen)
    test = make_logs(conf, conf.n_test, chains, gen)
    net = EchoNet(conf)
    opt = torch.optim.SGD(net.read.parameters(), lr=conf.lr, momentum=0.9, weight_decay=1e-2)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, conf.epochs)
    # the reservoir never changes, so its features are worked out once
    x_train, x_test = net.reservoir(*train[:2]), net.reservoir(*test[:2])
    for epoch in range(conf.epochs):
        net.train()
        total = 0.0
        for b in torch.randperm(conf.n_train).split(64):
            opt.zero_grad()
            loss = F.cross_entropy(net.read(x_train[b]), train[2][b])
            loss.backward()
            opt.step()
            total += loss.item() * len(b)
        sched.step()
        if epoch % 3 == 2:
            net.eval()
            with torch.no_grad():
                a, b = ((net.read(x).argmax(1) == y).float().mean().item()
                        for x, y in ((x_train, train[2]), (x_test, test[2])))
            print(f"epoch {epoch + 1:2d} loss {total / conf.n_train:.3f} train {a:.3f} test {b:.3f}")


if __name__ == "__main__":
    main()
