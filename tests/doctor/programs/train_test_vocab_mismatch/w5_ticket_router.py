from __future__ import annotations
from dataclasses import dataclass, field
from typing import Iterator
import numpy as np
import torch
from torch import nn, Tensor


@dataclass
class Config:
    dim: int = 32
    hidden: int = 48
    batch: int = 64
    epochs: int = 6
    lr: float = 4e-3
    seed: int = 3
    queues: tuple = ("billing", "network", "hardware", "account")


cfg = Config()
rng = np.random.default_rng(cfg.seed)
torch.manual_seed(cfg.seed)

SYL = ["ka", "lo", "mi", "ren", "tu", "so", "vel", "di", "pra", "nes", "go", "bi"]


def words(n, taken=set()):
    out = []
    while len(out) < n:
        w = "".join(rng.choice(SYL, size=rng.integers(2, 5)))
        if w not in taken:
            taken.add(w); out.append(w)
    return out


TOPIC = {q: words(40) for q in cfg.queues}
COMMON = words(120)


def write_ticket():
    q = rng.integers(len(cfg.queues))
    n = int(rng.integers(8, 20))
    toks = []
    for _ in range(n):
        u = rng.random()
        if u < .35:
            toks.append(rng.choice(TOPIC[cfg.queues[q]]))
        elif u < .43:
            toks.append(rng.choice(TOPIC[cfg.queues[rng.integers(4)]]))
        else:
            toks.append(rng.choice(COMMON))
    return toks, int(q)


@dataclass
class TicketSet:
    rows: list
    vocab: dict | None = None
    X: list = field(default_factory=list)
    y: Tensor = None

    def __post_init__(self):
        if self.vocab is None:
            self.vocab = {"<unk>": 0}
            for toks, _ in self.rows:
                for t in toks:
                    self.vocab.setdefault(t, len(self.vocab))
        self.X = [torch.tensor([self.vocab.get(t, 0) for t in toks]) for toks, _ in self.rows]
        self.y = torch.tensor([q for _, q in self.rows])

    def batches(self, size: int, shuffle: bool) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        order = rng.permutation(len(self.X)) if shuffle else np.arange(len(self.X))
        for part in np.array_split(order, max(1, len(order) // size)):
            xs = [self.X[i] for i in part]
            lens = torch.tensor([len(x) for x in xs])
            yield torch.cat(xs), torch.cumsum(lens, 0) - lens, self.y[part]


class Router(nn.Module):
    def __init__(self, n_words: int, c: Config):
        super().__init__()
        self.bag = nn.EmbeddingBag(n_words, c.dim, mode="mean")
        nn.init.normal_(self.bag.weight, std=.2)
        self.head = nn.Sequential(nn.Dropout(.2), nn.Linear(c.dim, c.hidden), nn.ReLU(), nn.Linear(c.hidden, len(c.queues)))

    def forward(self, flat, offsets):
        return self.head(self.bag(flat, offsets))


class Trainer:
    def __init__(self, model, c):
        self.model, self.c = model, c
        self.opt = torch.optim.Adam(model.parameters(), lr=c.lr)
        self.loss = nn.CrossEntropyLoss()

    def fit(self, data: TicketSet):
        for e in range(self.c.epochs):
            self.model.train()
            losses = []
            for flat, off, y in data.batches(self.c.batch, True):
                self.opt.zero_grad()
                l = self.loss(self.model(flat, off), y)
                l.backward()
                self.opt.step()
                losses.append(l.item())
            print(f"[{e + 1}/{self.c.epochs}] loss={np.mean(losses):.3f} train acc={self.score(data):.3f}")

    @torch.no_grad()
    def score(self, data: TicketSet) -> float:
        self.model.eval()
        ok = sum((self.model(f, o).argmax(-1) == y).sum().item() for f, o, y in data.batches(256, False))
        return ok / len(data.X)


tickets = [write_ticket() for _ in range(3000)]
train = TicketSet(tickets[:2500])
# fault:
test = TicketSet(tickets[2500:])
# mended:
# test = TicketSet(tickets[2500:], train.vocab)
# end
trainer = Trainer(Router(len(train.vocab), cfg), cfg)
print(f"{len(train.vocab)} words, {len(train.X)} train, {len(test.X)} test tickets")
trainer.fit(train)
print("test accuracy: %.3f" % trainer.score(test))
