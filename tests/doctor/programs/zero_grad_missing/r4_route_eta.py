"""Depot routes: predict the delay (minutes) of a tour from the sequence of its stops and the weekday.

Ablation: narrow and wide stop vectors. Own metric: mean absolute error and share within five minutes.
"""
import math
import random
from dataclasses import dataclass, replace

import torch
from torch import nn

random.seed(21)
torch.manual_seed(21)


@dataclass(frozen=True)
class Settings:
    stops: int = 60
    dim: int = 12
    hidden: int = 24
    lr: float = 0.003
    batch: int = 40
    epochs: int = 12


base_delay = [random.gauss(0, 2.2) for _ in range(Settings.stops)]
hard_days = [random.random() < 0.3 for _ in range(Settings.stops)]
weekday_load = [3.0, 0.0, -1.5, 0.5, 4.0]


def simulate(n, forbidden=()):
    tours = []
    while len(tours) < n:
        k = random.randint(4, 10)
        stops = tuple(random.sample(range(Settings.stops), k))
        if stops in forbidden:
            continue
        day = random.randrange(5)
        delay = sum(base_delay[s] for s in stops) + weekday_load[day]
        delay += 2.0 * sum(hard_days[s] for s in stops) * (day in (0, 4))
        tours.append((stops, day, delay + random.gauss(0, 1.5)))
    return tours


train = simulate(1800)
held_out = simulate(500, forbidden={t[0] for t in train})
mu = sum(t[2] for t in train) / len(train)
sd = math.sqrt(sum((t[2] - mu) ** 2 for t in train) / len(train))


def tensors(tours):
    flat = torch.tensor([s for stops, _, _ in tours for s in stops])
    lengths = torch.tensor([len(stops) for stops, _, _ in tours])
    offsets = torch.cat([torch.zeros(1, dtype=torch.long), lengths.cumsum(0)[:-1]])
    day = torch.tensor([d for _, d, _ in tours])
    y = torch.tensor([(v - mu) / sd for _, _, v in tours])
    return flat, offsets, day, y


class DelayNet(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.stops = nn.EmbeddingBag(cfg.stops, cfg.dim, mode="sum")
        self.day = nn.Embedding(5, cfg.dim)
        self.mlp = nn.Sequential(nn.Linear(2 * cfg.dim, cfg.hidden), nn.ReLU(), nn.Linear(cfg.hidden, 1))
        nn.init.normal_(self.stops.weight, std=0.2)

    def forward(self, flat, offsets, day):
        h = torch.cat([self.stops(flat, offsets), self.day(day)], 1)
        return self.mlp(h).squeeze(1)


def metrics(model, tours):
    model.eval()
    flat, offsets, day, y = tensors(tours)
    with torch.no_grad():
        err = ((model(flat, offsets, day) - y) * sd).abs()
    return err.mean().item(), (err < 5).float().mean().item()


def fit(cfg):
    torch.manual_seed(1)
    model = DelayNet(cfg)
    optim = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    rows = list(train)
    for epoch in range(cfg.epochs):
        model.train()
        random.shuffle(rows)
        total = 0.0
        for i in range(0, len(rows), cfg.batch):
            flat, offsets, day, y = tensors(rows[i:i + cfg.batch])
            loss = nn.functional.mse_loss(model(flat, offsets, day), y)
            # fault:
            loss.backward()
            # mended:
            #optim.zero_grad()
            #loss.backward()
            # end
            optim.step()
            total += loss.item() * len(y)
        if epoch % 4 == 3:
            mae, within = metrics(model, held_out)
            print(f"   epoch {epoch + 1:2d}  mse {total / len(rows):.3f}  MAE {mae:.2f} min  within 5 min {within:.3f}")
    return model


naive = sum(abs(t[2] - mu) for t in held_out) / len(held_out)
print(f"always the mean: MAE {naive:.2f} min")
full = Settings()
for name, cfg in (("dim 6", replace(full, dim=6)), ("dim 12", full)):
    print(name)
    model = fit(cfg)
    (a, b), (c, d) = metrics(model, train), metrics(model, held_out)
    print(f"   train MAE {a:.2f} ({b:.3f})   held out MAE {c:.2f} ({d:.3f})")
