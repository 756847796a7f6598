"""Courier messages to reason codes. Micro-batches are accumulated; smoothed labels; own layer norm."""
import random
from dataclasses import dataclass

import torch
from torch import nn
import torch.nn.functional as F


@dataclass
class Plan:
    reasons: int = 7
    micro: int = 16
    accumulate: int = 2
    epochs: int = 4
    lr: float = 8e-3
    smooth: float = 0.1


def message(rng, reasons):
    reason = rng.randrange(reasons)
    verb, noun = 1 + reason * 6 + rng.randrange(6), 60 + (reason * 3 + rng.randrange(5)) % (reasons * 3)
    rest = [100 + rng.randrange(80) for _ in range(rng.randint(2, 8))]
    words = rest + [verb, noun]
    rng.shuffle(words)
    return tuple(words), reason


class Norm(nn.Module):
    def __init__(self, n, eps=1e-5):
        super().__init__()
        self.gain, self.shift, self.eps = nn.Parameter(torch.ones(n)), nn.Parameter(torch.zeros(n)), eps

    def forward(self, x):
        centred = x - x.mean(-1, keepdim=True)
        return self.gain * centred * torch.rsqrt(centred.pow(2).mean(-1, keepdim=True) + self.eps) + self.shift


class MaxReader(nn.Module):
    def __init__(self, vocab, n_out, dim=32):
        super().__init__()
        self.table = nn.Embedding(vocab, dim, padding_idx=0)
        self.gate = nn.Linear(dim, dim)
        self.norm, self.out = Norm(dim), nn.Linear(dim, n_out)
        self.drop = nn.Dropout(0.2)

    def forward(self, ids):
        x = self.table(ids)
        x = x * torch.sigmoid(self.gate(x))
        x = x.masked_fill((ids == 0).unsqueeze(-1), float("-inf")).amax(1)
        return self.out(self.drop(self.norm(x)))


class Engine:
    def __init__(self, model, plan):
        self.model, self.plan = model, plan
        self.opt = torch.optim.Adam(model.parameters(), lr=plan.lr)

    def collate(self, rows):
        ids = nn.utils.rnn.pad_sequence([torch.tensor(w) for w, _ in rows], batch_first=True)
        return ids, torch.tensor([r for _, r in rows])

    def epoch(self, rows, rng):
        self.model.train()
        rng.shuffle(rows)
        group = self.plan.micro * self.plan.accumulate
        for g in range(0, len(rows), group):
            big = rows[g:g + group]
            self.opt.zero_grad()
            for m in range(0, len(big), self.plan.micro):
                ids, y = self.collate(big[m:m + self.plan.micro])
                loss = F.cross_entropy(self.model(ids), y, label_smoothing=self.plan.smooth, reduction="sum")
                (loss / len(big)).backward()
            self.opt.step()

    @torch.no_grad()
    def test(self, rows):
        self.model.eval()
        ids, y = self.collate(rows)
        z = self.model(ids)
        return F.cross_entropy(z, y).item(), (z.argmax(1) == y).float().mean().item()


def main():
    torch.manual_seed(64)
    rng, plan, unique = random.Random(64), Plan(), {}
    while len(unique) < 3200:
        words, reason = message(rng, plan.reasons)
        unique.setdefault(tuple(sorted(words)), (words, reason))
    rows = list(unique.values())
    train, test = rows[:2600], rows[2600:]
    engine = Engine(MaxReader(180, plan.reasons), plan)
    for epoch in range(plan.epochs):
        engine.epoch(train, rng)
        print(f"epoch {epoch}: train nll/acc %.3f %.3f" % engine.test(train), "test nll/acc %.3f %.3f" % engine.test(test))


if __name__ == "__main__":
    main()
