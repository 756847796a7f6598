"""Promoter / background classifier over DNA 3-mers (all layers written by hand)."""
import math
import random
from dataclasses import dataclass

import torch
from torch import nn
import torch.nn.functional as F


@dataclass(frozen=True)
class Cfg:
    k: int = 3
    seq_len: int = 44
    n_train: int = 3000
    n_test: int = 800
    dim: int = 16
    filters: int = 24
    width: int = 5
    batch: int = 64
    epochs: int = 8
    lr: float = 4e-3
    seed: int = 11


CFG = Cfg()
MOTIF = "TATAAAGC"


def draw(rng, positive):
    s = [rng.choice("ACGT") for _ in range(CFG.seq_len)]
    if positive:
        at = rng.randrange(CFG.seq_len - len(MOTIF))
        m = list(MOTIF)
        if rng.random() < 0.5:
            m[rng.randrange(len(m))] = rng.choice("ACGT")
        s[at:at + len(m)] = m
    return "".join(s)


def corpus(n, rng, seen):
    out = []
    while len(out) < n:
        y = len(out) % 2
        s = draw(rng, y == 1)
        if s in seen:
            continue
        seen.add(s)
        out.append((s, y))
    rng.shuffle(out)
    return out


CODE = {c: i for i, c in enumerate("ACGT")}


def to_ids(s):
    v = [CODE[c] for c in s]
    return [v[i] * 16 + v[i + 1] * 4 + v[i + 2] for i in range(len(v) - CFG.k + 1)]


class Table(nn.Module):
    def __init__(self, rows, dim):
        super().__init__()
        self.rows = nn.Parameter(torch.randn(rows, dim) * 0.5)

    def forward(self, ids):
        return self.rows[ids]


class Window(nn.Module):
    """A convolution spelled out as unfold + matmul."""

    def __init__(self, dim, width, filters):
        super().__init__()
        self.width = width
        self.w = nn.Parameter(torch.randn(width * dim, filters) / math.sqrt(width * dim))
        self.b = nn.Parameter(torch.zeros(filters))

    def forward(self, x):
        u = x.unfold(1, self.width, 1).flatten(2)
        return F.leaky_relu(u @ self.w + self.b, 0.1)


class PromoterNet(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.table = Table(4 ** cfg.k, cfg.dim)
        self.window = Window(cfg.dim, cfg.width, cfg.filters)
        self.out_w = nn.Parameter(torch.randn(cfg.filters, 1) / math.sqrt(cfg.filters))
        self.out_b = nn.Parameter(torch.zeros(1))

    def forward(self, ids):
        h = self.window(self.table(ids)).amax(dim=1)
        z = h @ self.out_w + self.out_b
        # fault:
        p = torch.softmax(z, dim=-1)
        # mended:
        #p = torch.sigmoid(z)
        # end
        return p.squeeze(-1)


def main():
    rng = random.Random(CFG.seed)
    torch.manual_seed(CFG.seed)
    seen = set()
    train, test = corpus(CFG.n_train, rng, seen), corpus(CFG.n_test, rng, seen)
    pack = lambda rows: (torch.tensor([to_ids(s) for s, _ in rows]), torch.tensor([float(y) for _, y in rows]))
    (xtr, ytr), (xte, yte) = pack(train), pack(test)
    net = PromoterNet(CFG)
    opt = torch.optim.Adam(net.parameters(), lr=CFG.lr)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, CFG.epochs)
    for epoch in range(CFG.epochs):
        net.train()
        order = torch.randperm(len(xtr))
        total = 0.0
        for i in range(0, len(order), CFG.batch):
            b = order[i:i + CFG.batch]
            loss = F.binary_cross_entropy(net(xtr[b]), ytr[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(b)
        sched.step()
        net.eval()
        with torch.no_grad():
            acc = [((net(x) > 0.5).float() == y).float().mean().item() for x, y in ((xtr, ytr), (xte, yte))]
        print(f"epoch {epoch + 1} loss {total / len(xtr):.4f} train {acc[0]:.3f} test {acc[1]:.3f}")


if __name__ == "__main__":
    main()
