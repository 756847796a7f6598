"""Ward planning: how long does the list of orders for one patient keep a nurse busy?

Every order code has its own cost, the minutes of a patient are about the sum; the shift (early, late, night) adds its own.
Minutes are predicted in units of ten.
"""
import random
from collections import namedtuple

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

Patient = namedtuple("Patient", "orders shift minutes")
N_CODES = 120
N_SHIFTS = 3


def simulate(n, rng):
    cost = np.exp(rng.normal(0.5, 0.8, N_CODES)).clip(0.3, 6.0)
    shift_cost = np.array([0.0, 1.5, 3.0])
    out, seen = [], set()
    while len(out) < n:
        orders = tuple(int(c) for c in rng.integers(0, N_CODES, rng.integers(2, 9)))
        shift = int(rng.integers(N_SHIFTS))
        if (orders, shift) in seen:
            continue
        seen.add((orders, shift))
        out.append(Patient(orders, shift, cost[list(orders)].sum() + shift_cost[shift] + rng.normal(0, 0.5)))
    return out


def collate(patients):
    flat = torch.tensor([c for p in patients for c in p.orders])
    offsets = torch.tensor([0] + [len(p.orders) for p in patients[:-1]]).cumsum(0)
    shift = torch.tensor([p.shift for p in patients])
    return flat, offsets, shift, torch.tensor([p.minutes for p in patients], dtype=torch.float)


class WorkloadModel(nn.Module):
    """An additive model, so that the planners can read the cost of a code off the table."""

    def __init__(self):
        super().__init__()
        # fault:
        self.cost = nn.EmbeddingBag(N_CODES, 1, mode="sum", max_norm=1.0)
        # mended:
        #self.cost = nn.EmbeddingBag(N_CODES, 1, mode="sum")
        # end
        self.shift = nn.Embedding(N_SHIFTS, 1)
        nn.init.constant_(self.cost.weight, 0.5)
        nn.init.zeros_(self.shift.weight)

    def forward(self, flat, offsets, shift):
        return (self.cost(flat, offsets) + self.shift(shift)).squeeze(1)


class Planner:
    def __init__(self, model, lr, epochs):
        self.model, self.epochs = model, epochs
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, epochs)
        self.criterion = nn.SmoothL1Loss()

    def train(self, loader, check):
        for epoch in range(1, self.epochs + 1):
            self.model.train()
            for flat, offsets, shift, target in loader:
                loss = self.criterion(self.model(flat, offsets, shift), target)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
            self.schedule.step()
            if epoch % 3 == 0:
                print(f"epoch {epoch:2d}  last batch {loss.item():.3f}  check: mae %.2f  r2 %.3f" % self.evaluate(check))

    @torch.no_grad()
    def evaluate(self, loader):
        self.model.eval()
        guess, truth = [], []
        for flat, offsets, shift, target in loader:
            guess.append(self.model(flat, offsets, shift))
            truth.append(target)
        guess, truth = torch.cat(guess), torch.cat(truth)
        r2 = 1 - ((guess - truth) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()
        return (guess - truth).abs().mean().item(), r2.item()


def main():
    random.seed(0)
    torch.manual_seed(0)
    patients = simulate(3600, np.random.default_rng(6))
    train, check = patients[:3000], patients[3000:]
    loader = DataLoader(train, batch_size=50, shuffle=True, collate_fn=collate)
    check = DataLoader(check, batch_size=200, collate_fn=collate)
    model = WorkloadModel()
    planner = Planner(model, lr=0.05, epochs=12)
    planner.train(loader, check)
    dearest = model.cost.weight.detach().flatten().topk(3)
    print("dearest codes:", [(c, round(10 * v, 1)) for c, v in zip(dearest.indices.tolist(), dearest.values.tolist())])
    print("check: mean absolute error %.2f, r2 %.3f" % planner.evaluate(check))


if __name__ == "__main__":
    main()
