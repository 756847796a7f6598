"""Flags suspicious processes from the system calls they made. Balanced by drawing the rare class several times."""
import random
from dataclasses import dataclass
from typing import List

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Trace:
    calls: tuple
    bad: int


@dataclass
class Options:
    calls: int = 400
    traces: int = 1800
    dev_share: float = 0.25
    dim: int = 8
    epochs: int = 6
    batch: int = 32
    lr: float = 4e-3
    decay: float = 1e-2


def record(options: Options, rng: random.Random) -> List[Trace]:
    leaning = [rng.gauss(0, 0.65) for _ in range(options.calls)]
    good = [2.718 ** -v for v in leaning]
    bad = [2.718 ** v for v in leaning]
    rows = {}
    while len(rows) < options.traces:
        b = int(rng.random() < 0.2)
        rows[tuple(rng.choices(range(options.calls), bad if b else good, k=rng.randint(3, 7)))] = b
    return [Trace(c, b) for c, b in rows.items()]


def balance(rows: List[Trace], rng: random.Random) -> List[Trace]:
    bad = [r for r in rows if r.bad]
    missing = len(rows) - 2 * len(bad)
    out = rows + rng.choices(bad, k=max(0, missing))
    rng.shuffle(out)
    return out


def split(rows: List[Trace], share: float):
    k = int(len(rows) * share)
    return rows[k:], rows[:k]


class CallScorer(nn.Module):
    def __init__(self, options: Options):
        super().__init__()
        self.calls = nn.EmbeddingBag(options.calls, options.dim, mode="mean")
        self.body = nn.Sequential(nn.Linear(options.dim, 16), nn.Tanh(), nn.Dropout(0.3), nn.Linear(16, 1))

    def forward(self, flat: Tensor, starts: Tensor) -> Tensor:
        return self.body(self.calls(flat, starts)).squeeze(-1)


def pack(rows: List[Trace]):
    flat = torch.tensor([c for r in rows for c in r.calls])
    sizes = torch.tensor([len(r.calls) for r in rows])
    return flat, sizes.cumsum(0) - sizes, torch.tensor([float(r.bad) for r in rows])


class Session:
    def __init__(self, options: Options):
        self.options = options
        self.model = CallScorer(options)
        self.opt = torch.optim.AdamW(self.model.parameters(), lr=options.lr, weight_decay=options.decay)

    def train_epoch(self, rows: List[Trace], rng: random.Random) -> float:
        self.model.train()
        rows = rng.sample(rows, len(rows))
        total = 0.0
        for i in range(0, len(rows), self.options.batch):
            flat, starts, y = pack(rows[i:i + self.options.batch])
            loss = nn.functional.binary_cross_entropy_with_logits(self.model(flat, starts), y)
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
            total += loss.item() * len(y)
        return total / len(rows)

    @torch.no_grad()
    def measure(self, rows: List[Trace]):
        self.model.eval()
        flat, starts, y = pack(rows)
        z = self.model(flat, starts)
        hit = ((z > 0).float() == y).float()
        balanced = (hit[y == 1].mean() + hit[y == 0].mean()) / 2
        return nn.functional.binary_cross_entropy_with_logits(z, y).item(), balanced.item()


def main(options=Options()):
    torch.manual_seed(15)
    rng = random.Random(15)
    rows = record(options, rng)
    # fault:
    train, dev = split(balance(rows, rng), options.dev_share)
    # mended:
    #train, dev = split(rows, options.dev_share)
    #train = balance(train, rng)
    # end
    print(len(train), "train", len(dev), "dev", sum(r.bad for r in dev), "bad in dev")
    session = Session(options)
    for e in range(options.epochs):
        loss = session.train_epoch(train, rng)
        (tl, ta), (dl, da) = session.measure(train), session.measure(dev)
        print(f"{e + 1:2d} loss {loss:.3f} | train {tl:.3f} {ta:.3f} | dev {dl:.3f} balanced accuracy {da:.3f}")


if __name__ == "__main__":
    main()
