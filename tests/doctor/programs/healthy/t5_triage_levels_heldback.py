"""Emergency triage: urgency (0 can wait .. 2 now) from complaint codes, ordered in time, with age band as a second table."""
from __future__ import annotations

import random
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

N_CODES, N_AGES = 90, 5


@dataclass
class Visit:
    codes: list[int]
    age: int
    level: int


@dataclass
class Ward:
    rng: random.Random
    danger: list[float] = field(default_factory=list)

    def __post_init__(self):
        self.danger = [self.rng.choice([0, 0, 0, 0.5, 1, 2]) for _ in range(N_CODES)]

    def visit(self) -> Visit:
        codes = [self.rng.randrange(1, N_CODES) for _ in range(self.rng.randint(2, 7))]
        age = self.rng.randrange(N_AGES)
        worst = max(self.danger[c] for c in codes)
        burden = worst + 0.25 * sum(self.danger[c] for c in codes) + (0.5 if age in (0, 4) else 0.0)
        return Visit(codes, age, 0 if burden < 1.5 else 1 if burden < 3.2 else 2)


class Triage(nn.Module):
    def __init__(self, dim: int = 16):
        super().__init__()
        self.codes = nn.Embedding(N_CODES, dim, padding_idx=0)
        self.age = nn.Embedding(N_AGES, 4)
        self.head = nn.Sequential(nn.LayerNorm(2 * dim + 4), nn.Linear(2 * dim + 4, 64), nn.SiLU(), nn.Dropout(0.1), nn.Linear(64, 3))

    def forward(self, codes: Tensor, age: Tensor) -> Tensor:
        e = self.codes(codes)
        top = e.masked_fill((codes == 0).unsqueeze(-1), -1e4).amax(1)
        return self.head(torch.cat([e.sum(1), top, self.age(age)], dim=1))


class Trainer:
    def __init__(self, model: nn.Module, train: list[Visit], dev: list[Visit]):
        self.model, self.train, self.dev = model, self.pack(train), self.pack(dev)
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.01)
        share = torch.bincount(self.train[2], minlength=3).float() / len(train)
        print("share of levels", [round(s, 3) for s in share.tolist()])
        self.loss = nn.CrossEntropyLoss(label_smoothing=0.02)

    @staticmethod
    def pack(visits: list[Visit]) -> tuple[Tensor, Tensor, Tensor]:
        codes = torch.zeros(len(visits), max(len(v.codes) for v in visits), dtype=torch.long)
        for row, v in zip(codes, visits):
            row[:len(v.codes)] = torch.tensor(v.codes)
        return codes, torch.tensor([v.age for v in visits]), torch.tensor([v.level for v in visits])

    def run(self, epochs: int, size: int = 64):
        codes, age, level = self.train
        steps = epochs * -(-len(level) // size)
        schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, lambda s: max(0.02, 1 - s / steps))
        for epoch in range(1, epochs + 1):
            self.model.train()
            for rows in torch.randperm(len(level)).split(size):
                loss = self.loss(self.model(codes[rows], age[rows]), level[rows])
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                schedule.step()
            if epoch % 2 == 0:
                print(f"epoch {epoch} train %.3f %.3f %.3f dev %.3f %.3f %.3f" % (*self.check(self.train), *self.check(self.dev)))

    def check(self, part) -> tuple[float, float, float]:
        self.model.eval()
        with torch.no_grad():
            out = self.model(*part[:2])
        guess, level = out.argmax(1), part[2]
        recall = [(guess[level == k] == k).float().mean().item() for k in range(3)]
        return nn.functional.cross_entropy(out, level).item(), (guess == level).float().mean().item(), sum(recall) / 3


def main():
    torch.manual_seed(15)
    ward = Ward(random.Random(15))
    visits, seen = [], set()
    while len(visits) < 4500:
        v = ward.visit()
        key = (tuple(sorted(v.codes)), v.age)
        if key not in seen:
            seen.add(key)
            visits.append(v)
    Trainer(Triage(), visits[:3700], visits[3700:]).run(epochs=10)


if __name__ == "__main__":
    main()
