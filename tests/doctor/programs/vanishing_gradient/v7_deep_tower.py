"""Trouble tickets to repair teams: keyword bag, then a deep tower of own layers."""
import math
import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class Spec:
    vocab: int = 230
    teams: int = 6
    dim: int = 32
    depth: int = 10
    steps: int = 400
    batch: int = 64
    lr: float = 2e-3


def draw_tickets(spec, n, seed):
    rng = random.Random(seed)
    hints = [range(20 + 25 * k, 45 + 25 * k) for k in range(spec.teams)]
    seen, rows = set(), []
    while len(rows) < n:
        team = rng.randrange(spec.teams)
        words = [rng.choice(hints[team]) for _ in range(rng.randint(3, 5))]
        words += [rng.choice(hints[rng.randrange(spec.teams)])]
        words += [rng.randrange(170, spec.vocab) for _ in range(rng.randint(3, 7))]
        rng.shuffle(words)
        if tuple(words) not in seen:
            seen.add(tuple(words))
            rows.append((words, team))
    return rows


def flat(rows):
    ids = torch.tensor([w for words, _ in rows for w in words])
    offsets = torch.tensor([0] + [len(words) for words, _ in rows[:-1]]).cumsum(0)
    return ids, offsets, torch.tensor([t for _, t in rows])


class Affine(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        bound = math.sqrt(6 / (n_in + n_out))
        self.w = nn.Parameter(torch.empty(n_in, n_out).uniform_(-bound, bound))
        self.b = nn.Parameter(torch.zeros(n_out))

    def forward(self, x):
        return torch.addmm(self.b, x, self.w)


class Stage(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.affine = Affine(dim, dim)

    def forward(self, x):
        # fault:
        return torch.sigmoid(self.affine(x))
        # mended:
        #return x + 0.5 * torch.relu(self.affine(x))
        # end


class Tower(nn.Module):
    def __init__(self, spec):
        super().__init__()
        self.bag = nn.EmbeddingBag(spec.vocab, spec.dim, mode="mean")
        self.stages = nn.Sequential(*[Stage(spec.dim) for _ in range(spec.depth)])
        self.out = Affine(spec.dim, spec.teams)

    def forward(self, ids, offsets):
        return self.out(self.stages(self.bag(ids, offsets)))


@torch.no_grad()
def measure(model, rows):
    model.eval()
    ids, offsets, y = flat(rows)
    logits = model(ids, offsets)
    return F.cross_entropy(logits, y).item(), (logits.argmax(-1) == y).float().mean().item()


def main():
    spec = Spec()
    torch.manual_seed(40)
    rows = draw_tickets(spec, 9000, seed=40)
    train, valid = rows[:8000], rows[8000:]
    model = Tower(spec)
    opt = torch.optim.Adam(model.parameters(), lr=spec.lr)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(opt, spec.steps)
    pick = random.Random(1)
    for step in range(spec.steps):
        model.train()
        ids, offsets, y = flat(pick.sample(train, spec.batch))
        loss = F.cross_entropy(model(ids, offsets), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        decay.step()
        if (step + 1) % 100 == 0:
            print("step %d  train %.3f/%.3f  valid %.3f/%.3f" % (step + 1, *measure(model, train[:1000]), *measure(model, valid)))


if __name__ == "__main__":
    main()
