"""Final stock level class from a long tape of movements: a rectified recurrent net with identity start (Le et al., 2015)."""
import random
from dataclasses import dataclass
from typing import Iterator, Tuple

import torch
from torch import nn, Tensor


@dataclass
class Plan:
    tape: int = 60
    tapes: int = 1600
    held_out: int = 300
    dim: int = 12
    hidden: int = 40
    batch: int = 40
    epochs: int = 10
    lr: float = 0.01
    momentum: float = 0.9
    clip: float = 1.0


MOVES = ["receive", "ship", "return", "scrap", "audit", "move", "label", "scan", "pack", "wrap"]
EFFECT = {"receive": 1, "return": 1, "ship": -1, "scrap": -1}


def tapes(plan: Plan, seed: int):
    rng = random.Random(seed)
    rows = {}
    while len(rows) < plan.tapes + plan.held_out:
        tilt = rng.uniform(-0.8, 0.8)
        weights = [1 + tilt * EFFECT.get(m, 0) for m in MOVES]
        tape = tuple(rng.choices(range(len(MOVES)), weights, k=plan.tape))
        level = sum(EFFECT.get(MOVES[m], 0) for m in tape)
        rows[tape] = 0 if level < -5 else (1 if level <= 5 else 2)
    x, y = torch.tensor(list(rows)), torch.tensor(list(rows.values()))
    k = plan.held_out
    return (x[k:], y[k:]), (x[:k], y[:k])


class RectifiedRNN(nn.Module):
    def __init__(self, dim: int, hidden: int):
        super().__init__()
        self.w_in = nn.Parameter(torch.randn(dim, hidden) * 0.1)
        self.w_rec = nn.Parameter(torch.eye(hidden))
        self.bias = nn.Parameter(torch.zeros(hidden))

    def forward(self, x: Tensor) -> Tensor:
        h = x.new_zeros(x.shape[0], self.w_rec.shape[0])
        drive = x @ self.w_in + self.bias
        for t in range(x.shape[1]):
            h = torch.relu(drive[:, t] + h @ self.w_rec)
        return h


class StockLevel(nn.Module):
    def __init__(self, plan: Plan):
        super().__init__()
        self.moves = nn.Embedding(len(MOVES), plan.dim)
        self.rnn = RectifiedRNN(plan.dim, plan.hidden)
        self.level = nn.Linear(plan.hidden, 3)

    def forward(self, tape: Tensor) -> Tensor:
        return self.level(self.rnn(self.moves(tape)))


class Fit:
    def __init__(self, net: nn.Module, plan: Plan):
        self.net, self.plan = net, plan
        self.opt = torch.optim.SGD(net.parameters(), lr=plan.lr, momentum=plan.momentum)
        steps = plan.epochs * -(-plan.tapes // plan.batch)
        self.decay = torch.optim.lr_scheduler.LambdaLR(self.opt, lambda s: max(0.0, 1 - s / steps))
        self.loss = nn.CrossEntropyLoss()

    def batches(self, x: Tensor, y: Tensor) -> Iterator[Tuple[Tensor, Tensor]]:
        for idx in torch.randperm(len(x)).split(self.plan.batch):
            yield x[idx], y[idx]

    def epoch(self, x: Tensor, y: Tensor) -> float:
        self.net.train()
        total = 0.0
        for bx, by in self.batches(x, y):
            loss = self.loss(self.net(bx), by)
            self.opt.zero_grad()
            loss.backward()
            # fault:
            # mended:
            #nn.utils.clip_grad_norm_(self.net.parameters(), self.plan.clip)
            # end
            self.opt.step()
            self.decay.step()
            total += loss.item() * len(by)
        return total / len(x)

    @torch.no_grad()
    def score(self, x: Tensor, y: Tensor) -> float:
        self.net.eval()
        return (self.net(x).argmax(1) == y).float().mean().item()


if __name__ == "__main__":
    torch.manual_seed(61)
    plan = Plan()
    train, held = tapes(plan, seed=6)
    print("largest class:", round(torch.bincount(held[1]).max().item() / plan.held_out, 3))
    fit = Fit(StockLevel(plan), plan)
    for e in range(plan.epochs):
        print(f"{e + 1:2d} loss {fit.epoch(*train):.4f} train {fit.score(*train):.3f} held-out {fit.score(*held):.3f}")
