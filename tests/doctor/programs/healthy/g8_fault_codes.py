"""Rare turbine faults in alarm-code histories (about 6 % positive): weighted loss, own masked max pooling, F1 and AP."""
import random
from types import SimpleNamespace

import torch
from sklearn.metrics import average_precision_score, f1_score
from torch import nn
import torch.nn.functional as F

opts = SimpleNamespace(codes=120, rows=5000, held=1500, dim=24, batch=128, epochs=7, lr=8e-3, rare=0.06, seed=41)
PAD = 0


class Plant:
    """Two code pairs announce a breakdown when they come one right after the other."""

    def __init__(self, rng):
        self.rng = rng
        codes = rng.sample(range(1, opts.codes + 1), 8)
        self.first, self.second = codes[:4], codes[4:]

    def history(self):
        rng = self.rng
        while True:
            h = [rng.randint(1, opts.codes) for _ in range(rng.randint(6, 24))]
            if not self.bad(h):
                break
        label = rng.random() < opts.rare
        if label:
            k = rng.randrange(len(h) - 1)
            h[k], h[k + 1] = rng.choice(self.first), rng.choice(self.second)
        elif rng.random() < 0.3:
            k = rng.randrange(len(h))
            g = list(h)
            g[k] = rng.choice(self.first + self.second)
            h = g if not self.bad(g) else h
        return h, float(label)

    def bad(self, h):
        return any(a in self.first and b in self.second for a, b in zip(h, h[1:]))


class Pairs(nn.Module):
    """Scores each pair of neighbours and keeps the strongest evidence of the history."""

    def __init__(self):
        super().__init__()
        self.codes = nn.Embedding(opts.codes + 1, opts.dim, padding_idx=PAD)
        self.a = nn.Linear(opts.dim, 32)
        self.b = nn.Linear(opts.dim, 32, bias=False)
        self.out = nn.Linear(32, 1)

    def forward(self, ids):
        x = self.codes(ids)
        h = F.elu(self.a(x[:, :-1]) + self.b(x[:, 1:]))
        void = (ids[:, 1:] == PAD).unsqueeze(-1)
        return self.out(h.masked_fill(void, -1e4).amax(1)).squeeze(-1)


def pack(rows):
    width = max(len(h) for h, _ in rows)
    ids = torch.tensor([h + [PAD] * (width - len(h)) for h, _ in rows])
    return ids, torch.tensor([y for _, y in rows])


def measure(model, ids, y):
    model.eval()
    with torch.no_grad():
        s = model(ids)
    return average_precision_score(y, s), f1_score(y, s > 0)


def run():
    rng = random.Random(opts.seed)
    torch.manual_seed(opts.seed)
    plant = Plant(rng)
    unique = {}
    while len(unique) < opts.rows + opts.held:
        h, y = plant.history()
        unique[tuple(h)] = (h, y)
    rows = list(unique.values())
    x, y = pack(rows)
    x_test, y_test = x[:opts.held], y[:opts.held]
    x, y = x[opts.held:], y[opts.held:]
    model = Pairs()
    ratio = (y == 0).sum() / (y == 1).sum()
    weight = ratio.sqrt()
    opt = torch.optim.Adam(model.parameters(), lr=opts.lr)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, opts.epochs)
    print(f"positives: {y.mean():.3f} of {len(y)}; weight {weight:.1f}")
    for epoch in range(opts.epochs):
        model.train()
        losses = []
        for b in torch.randperm(len(x)).split(opts.batch):
            loss = F.binary_cross_entropy_with_logits(model(x[b]), y[b], pos_weight=weight)
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        sched.step()
        (ap, f1), (tap, tf1) = measure(model, x, y), measure(model, x_test, y_test)
        print(f"epoch {epoch + 1} loss {sum(losses) / len(losses):.4f} train AP {ap:.3f} F1 {f1:.3f} test AP {tap:.3f} F1 {tf1:.3f}")


run()
