"""Did the order arrive before the payment? One pre-norm attention block, warm-up, small batches summed up before a step."""
import math
import random
from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Setup:
    kinds: int = 20
    length: int = 12
    logs: int = 2000
    held_out: int = 400
    dim: int = 32
    heads: int = 4
    micro: int = 25
    accumulate: int = 2
    epochs: int = 5
    peak: float = 6e-3
    warmup: int = 20


ORDER, PAYMENT = 1, 2


def logs(cfg, seed):
    rng = random.Random(seed)
    rows = {}
    while len(rows) < cfg.logs + cfg.held_out:
        n = rng.randint(5, cfg.length)
        log = rng.choices(range(3, cfg.kinds), k=n)
        i, j = rng.sample(range(n), 2)
        log[i], log[j] = ORDER, PAYMENT
        rows[tuple(log) + (0,) * (cfg.length - n)] = int(i < j)
    x, y = torch.tensor(list(rows)), torch.tensor(list(rows.values()))
    k = cfg.held_out
    return x[k:], y[k:], x[:k], y[:k]


class RootNorm(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(d))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.gain


class Attention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(d, 3 * d, bias=False)
        self.out = nn.Linear(d, d, bias=False)

    def forward(self, x, real):
        b, t, d = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        score = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
        score = score.masked_fill(~real[:, None, None, :], -1e9)
        return self.out((score.softmax(-1) @ v).transpose(1, 2).reshape(b, t, d))


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.n1, self.att = RootNorm(d), Attention(d, heads)
        self.n2, self.ff = RootNorm(d), nn.Sequential(nn.Linear(d, 2 * d), nn.SiLU(), nn.Linear(2 * d, d))

    def forward(self, x, real):
        x = x + self.att(self.n1(x), real)
        return x + self.ff(self.n2(x))


class OrderModel(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.kind = nn.Embedding(cfg.kinds, cfg.dim, padding_idx=0)
        self.place = nn.Parameter(torch.randn(cfg.length, cfg.dim) * 0.5)
        self.block = Block(cfg.dim, cfg.heads)
        self.norm, self.out = RootNorm(cfg.dim), nn.Linear(cfg.dim, 2)

    def forward(self, ids):
        real = ids != 0
        h = self.norm(self.block(self.kind(ids) + self.place, real)) * real.unsqueeze(-1)
        return self.out(h.sum(1) / real.sum(1, keepdim=True))


def measure(model, x, y):
    model.eval()
    with torch.no_grad():
        out = model(x)
    return nn.functional.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item()


def main(cfg=Setup()):
    torch.manual_seed(7)
    x, y, hx, hy = logs(cfg, seed=7)
    model = OrderModel(cfg)
    opt = torch.optim.AdamW(model.parameters(), lr=cfg.peak, weight_decay=0.01)
    steps = cfg.epochs * math.ceil(len(x) / (cfg.micro * cfg.accumulate))
    plan = torch.optim.lr_scheduler.LambdaLR(
        opt, lambda s: min((s + 1) / cfg.warmup, 0.5 * (1 + math.cos(math.pi * min(1.0, s / steps)))))
    for epoch in range(cfg.epochs):
        model.train()
        for k, idx in enumerate(torch.randperm(len(x)).split(cfg.micro), start=1):
            loss = nn.functional.cross_entropy(model(x[idx]), y[idx]) / cfg.accumulate
            loss.backward()
            if k % cfg.accumulate == 0:
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                opt.step()
                plan.step()
                opt.zero_grad()
        (a, b), (c, d) = measure(model, x, y), measure(model, hx, hy)
        print(f"epoch {epoch + 1} train {a:.3f}/{b:.3f} held-out {c:.3f}/{d:.3f}")


if __name__ == "__main__":
    main()
