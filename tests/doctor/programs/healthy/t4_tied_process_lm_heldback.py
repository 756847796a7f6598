"""Tied-embedding GRU language model on traces of a hidden Markov process; perplexity against the exact entropy."""
import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Conf:
    states: int = 8
    vocab: int = 64
    length: int = 24
    traces: int = 2000
    dim: int = 32
    dropout: float = 0.1
    smoothing: float = 0.05
    lr: float = 5e-3
    micro_batch: int = 25
    accumulate: int = 2
    epochs: int = 7
    seed: int = 12


class Process:
    """Left-to-right-with-jumps chain; each state emits from its own small part of the vocabulary."""

    def __init__(self, c, rng):
        self.trans = rng.dirichlet(np.full(c.states, 0.15), size=c.states) * 0.9 + 0.1 / c.states
        self.emit = rng.dirichlet(np.full(c.vocab, 0.04), size=c.states) * 0.98 + 0.02 / c.vocab
        self.cum_trans, self.cum_emit = self.trans.cumsum(1), self.emit.cumsum(1)
        self.rng, self.c = rng, c

    def sample(self):
        z, out = self.rng.integers(self.c.states), []
        for u, v in self.rng.random((self.c.length, 2)):
            out.append(min(np.searchsorted(self.cum_emit[z], u), self.c.vocab - 1))
            z = min(np.searchsorted(self.cum_trans[z], v), self.c.states - 1)
        return out

    def perplexity(self, x):
        """Forward algorithm: the best that any model can reach on these traces."""
        total = 0.0
        for row in x:
            belief = np.full(self.c.states, 1 / self.c.states)
            for w in row:
                joint = belief * self.emit[:, w]
                total -= math.log(joint.sum())
                belief = (joint / joint.sum()) @ self.trans
        return math.exp(total / x.size)


class TiedLM(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.emb = nn.Embedding(c.vocab + 1, c.dim)
        nn.init.normal_(self.emb.weight, std=0.15)
        self.drop = nn.Dropout(c.dropout)
        self.rnn = nn.GRU(c.dim, c.dim, batch_first=True)
        self.proj = nn.Linear(c.dim, c.dim)
        self.bias = nn.Parameter(torch.zeros(c.vocab))
        self.bos = c.vocab

    def forward(self, x):
        inp = torch.cat([x.new_full((len(x), 1), self.bos), x[:, :-1]], 1)
        h, _ = self.rnn(self.drop(self.emb(inp)))
        return self.drop(self.proj(h)) @ self.emb.weight[:-1].T + self.bias


def test_perplexity(model, x):
    model.eval()
    with torch.no_grad():
        return math.exp(F.cross_entropy(model(x).flatten(0, 1), x.flatten()))


def main():
    c = Conf()
    torch.manual_seed(c.seed)
    proc = Process(c, np.random.default_rng(c.seed))
    x = np.array([proc.sample() for _ in range(c.traces)])
    train, test = torch.tensor(x[:-200]), torch.tensor(x[-200:])
    unigram = np.bincount(x[:-200].ravel(), minlength=c.vocab) / x[:-200].size
    print(f"unigram {math.exp(-np.log(unigram[x[-200:]] + 1e-9).mean()):.2f}  exact {proc.perplexity(x[-200:]):.2f}")
    model = TiedLM(c)
    opt = torch.optim.AdamW(model.parameters(), lr=c.lr, weight_decay=1e-2)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, c.epochs)
    for epoch in range(1, c.epochs + 1):
        model.train()
        total = 0.0
        parts = torch.randperm(len(train)).split(c.micro_batch)
        for k, idx in enumerate(parts, 1):
            loss = F.cross_entropy(model(train[idx]).flatten(0, 1), train[idx].flatten(), label_smoothing=c.smoothing)
            (loss / c.accumulate).backward()
            total += loss.item() / len(parts)
            if k % c.accumulate == 0:
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                opt.step()
                opt.zero_grad()
        sched.step()
        print(f"epoch {epoch} train (smoothed) {total:.3f} test perplexity {test_perplexity(model, test):.2f}")


if __name__ == "__main__":
    main()
