"""How long will a ticket take? A mean and a spread for log-minutes from the ticket text."""
from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn as nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

@dataclass
class DataConfig:
    rows: int = 2600
    dev_share: float = 0.25
    seed: int = 7

@dataclass
class OptimConfig:
    peak_lr: float = 1e-2
    warmup: int = 30
    micro_batch: int = 16
    accumulate: int = 2
    epochs: int = 6
    clip: float = 1.0
    ema: float = 0.95

@dataclass
class Config:
    data: DataConfig = field(default_factory=DataConfig)
    optim: OptimConfig = field(default_factory=OptimConfig)
    width: int = 16

ACTION = {"reset": -1.0, "replace": .6, "install": .3, "migrate": 1.3, "debug": 1.0, "check": -.5, "configure": .1, "rename": -1.2, "restore": .8}
OBJECT = {"password": -.6, "printer": .1, "laptop": .3, "database": .9, "mailbox": -.1, "licence": -.3, "cluster": 1.2, "badge": -.7, "router": .4, "backup": .5}
DETAIL = {"urgent": -.2, "remote": .3, "legacy": .7, "again": .2, "standard": -.4, "encrypted": .5, "shared": .1, "broken": .3}
SPREAD = {"debug": .45, "restore": .35, "migrate": .3}
FILLER = "please can you we need to the for our team in room today thanks hello as soon possible user has asked".split()

def make_rows(cfg: DataConfig):
    rng = random.Random(cfg.seed)
    rows, seen = [], set()
    while len(rows) < cfg.rows:
        a, o = rng.choice(list(ACTION)), rng.choice(list(OBJECT))
        d = rng.sample(list(DETAIL), rng.randint(0, 2))
        words = [a, o, *d] + rng.choices(FILLER, k=rng.randint(2, 9))
        rng.shuffle(words)
        text = " ".join(words)
        if text in seen:
            continue
        seen.add(text)
        mu = 3.2 + ACTION[a] + OBJECT[o] + sum(DETAIL[x] for x in d)
        rows.append((text, mu + rng.gauss(0, SPREAD.get(a, .12))))
    cut = int(len(rows) * (1 - cfg.dev_share))
    return rows[:cut], rows[cut:]

class Collator:
    def __init__(self, rows):
        self.vocab = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in rows for w in t.split()}))}
        y = np.array([y for _, y in rows])
        self.mean, self.std = float(y.mean()), float(y.std())

    def __call__(self, rows):
        ids = [[self.vocab[w] for w in t.split()] for t, _ in rows]
        longest = max(map(len, ids))
        x = torch.tensor([r + [0] * (longest - len(r)) for r in ids])
        return {"x": x, "y": torch.tensor([(y - self.mean) / self.std for _, y in rows])}

class Estimator(nn.Module):
    def __init__(self, words: int, width: int):
        super().__init__()
        self.embed = nn.Embedding(words + 1, width, padding_idx=0)
        self.attend = nn.Linear(width, 1)
        self.mlp = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, 2))

    def forward(self, x):
        e = self.embed(x)
        gate = torch.sigmoid(self.attend(e)) * (x != 0).unsqueeze(-1)     # effects add up, so a gated sum
        mean, raw = self.mlp((gate * e).sum(1)).unbind(-1)
        return mean, nn.functional.softplus(raw) + 1e-3

def report(model, rows, collate, tag):
    model.eval()
    b = collate(rows)
    with torch.no_grad():
        mean, std = model(b["x"])
    y = b["y"]
    r2 = 1 - ((y - mean) ** 2).mean() / y.var(unbiased=False)
    inside = ((y - mean).abs() < 1.645 * std).float().mean()
    nll = nn.functional.gaussian_nll_loss(mean, y, std ** 2)
    print(f"{tag}: nll {nll:.3f}  R2 {r2:.3f}  90% interval covers {inside:.3f}  "
          f"typical error {math.exp(float((y - mean).abs().median()) * collate.std) - 1:.1%}")

def main(cfg: Config):
    torch.manual_seed(cfg.data.seed)
    train, dev = make_rows(cfg.data)
    collate = Collator(train)
    model = Estimator(len(collate.vocab), cfg.width)
    ema = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(cfg.optim.ema))
    opt = torch.optim.AdamW(model.parameters(), lr=cfg.optim.peak_lr, weight_decay=1e-2)
    step_rows = cfg.optim.micro_batch * cfg.optim.accumulate
    total = cfg.optim.epochs * (len(train) // step_rows)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / cfg.optim.warmup, .5 * (1 + math.cos(math.pi * min(s / total, 1)))))
    rng = np.random.default_rng(cfg.data.seed)
    for epoch in range(cfg.optim.epochs):
        model.train()
        order, seen = rng.permutation(len(train)), []
        for k in range(0, len(train) // step_rows * step_rows, step_rows):
            opt.zero_grad(set_to_none=True)
            for j in range(k, k + step_rows, cfg.optim.micro_batch):
                b = collate([train[i] for i in order[j:j + cfg.optim.micro_batch]])
                mean, std = model(b["x"])
                loss = nn.functional.gaussian_nll_loss(mean, b["y"], std ** 2) / cfg.optim.accumulate
                loss.backward()
                seen.append(loss.item() * cfg.optim.accumulate)
            nn.utils.clip_grad_norm_(model.parameters(), cfg.optim.clip)
            opt.step()
            sched.step()
            ema.update_parameters(model)
        print(f"epoch {epoch + 1} nll {np.mean(seen):+.3f}")
    report(ema, train, collate, "train")
    report(ema, dev, collate, "dev  ")

if __name__ == "__main__":
    main(Config())
