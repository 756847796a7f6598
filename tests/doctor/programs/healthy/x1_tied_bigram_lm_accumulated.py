"""Tiny language model with tied input/output embeddings on a noisy grammar; gradients summed over micro-batches.

The grammar's own entropy is known, so the loss has a floor well above zero.
"""
import math
from dataclasses import dataclass
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F


@dataclass(frozen=True)
class Cfg:
    vocab: int = 24
    dim: int = 24
    hidden: int = 64
    micro: int = 256
    accumulate: int = 2
    epochs: int = 4
    tokens: int = 60_000
    lr: float = 6e-3


def grammar(cfg, rng):
    p = rng.dirichlet(np.full(cfg.vocab, 0.15), size=cfg.vocab) * 0.97 + 0.03 / cfg.vocab
    return p / p.sum(1, keepdims=True)


def walk(p, n, rng):
    cum, u = p.cumsum(1), rng.random(n)
    seq = np.zeros(n, dtype=np.int64)
    for k in range(1, n):
        seq[k] = min(np.searchsorted(cum[seq[k - 1]], u[k]), len(p) - 1)
    return torch.from_numpy(seq)


class TiedLM(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.word = nn.Embedding(cfg.vocab, cfg.dim)
        nn.init.normal_(self.word.weight, std=cfg.dim ** -0.5)
        self.up = nn.Linear(cfg.dim, cfg.hidden)
        self.down = nn.Linear(cfg.hidden, cfg.dim)
        self.bias = nn.Parameter(torch.zeros(cfg.vocab))

    def forward(self, prev):
        h = self.down(F.gelu(self.up(self.word(prev))))
        return F.linear(h, self.word.weight, self.bias)        # tied


def main():
    cfg, rng = Cfg(), np.random.default_rng(77)
    torch.manual_seed(77)
    p = grammar(cfg, rng)
    train, valid = walk(p, cfg.tokens, rng), walk(p, 10_000, rng)
    w, v = np.linalg.eig(p.T)
    stat = np.real(v[:, np.argmax(np.real(w))])
    stat /= stat.sum()
    floor = -(stat[:, None] * p * np.log(p)).sum()
    print(f"entropy of the grammar {floor:.4f} nats, uniform {math.log(cfg.vocab):.4f}")

    lm = TiedLM(cfg)
    norms = []
    lm.down.weight.register_hook(lambda g: norms.append(g.norm().item()))
    opt = torch.optim.Adam(lm.parameters(), lr=cfg.lr)
    pairs = torch.stack([train[:-1], train[1:]], 1)
    steps = cfg.epochs * math.ceil(len(pairs) / cfg.micro / cfg.accumulate)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps)
    for epoch in range(cfg.epochs):
        tot, chunks = 0., list(pairs[torch.randperm(len(pairs))].split(cfg.micro))
        for k in range(0, len(chunks), cfg.accumulate):
            group = chunks[k:k + cfg.accumulate]
            size = sum(map(len, group))
            opt.zero_grad()
            for c in group:
                loss = F.cross_entropy(lm(c[:, 0]), c[:, 1], reduction="sum") / size
                loss.backward()
                tot += loss.item() * size
            opt.step()
            sched.step()
        with torch.no_grad():
            dev = F.cross_entropy(lm(valid[:-1]), valid[1:]).item()
        print(f"epoch {epoch} train {tot / len(pairs):.4f} valid {dev:.4f} ppl {math.exp(dev):.2f} "
              f"mean grad of down {np.mean(norms):.4f}")
        norms.clear()


main()
