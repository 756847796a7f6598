#!/usr/bin/env python
"""Predict the (log) asking price of a used item from its listing title. Trains until the validation error stalls."""
import copy
import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Tuple

import numpy as np
import torch
import torch.nn as nn

logger = logging.getLogger(__name__)
logging.basicConfig(level=logging.INFO, format="%(message)s")

BASE = {"phone": 5.2, "laptop": 6.3, "tablet": 5.5, "camera": 5.8, "watch": 4.6, "speaker": 4.1, "monitor": 5.0, "keyboard": 3.4,
        "mouse": 2.8, "printer": 4.3, "router": 3.7, "headset": 3.9}
BRAND = {"acme": -.3, "nova": .0, "zenith": .4, "orion": .2, "lumen": -.1, "vertex": .6}
STATE = {"new": .35, "sealed": .4, "used": -.2, "broken": -1.4, "refurbished": -.1, "scratched": -.5}
EXTRA = {"bundle": .25, "warranty": .15, "charger": .05, "box": .04, "quick": -.1, "sale": -.1, "original": .1}


@dataclass
class Settings:
    dim: int = 16
    batch: int = 64
    lr: float = 1e-2
    max_epochs: int = 12
    patience: int = 2
    min_delta: float = 1e-3
    seed: int = 5


@dataclass
class EarlyStopping:
    patience: int
    min_delta: float
    best: float = float("inf")
    bad: int = 0
    state: Optional[Dict[str, torch.Tensor]] = field(default=None, repr=False)

    def update(self, value: float, model: nn.Module) -> bool:
        if value < self.best - self.min_delta:
            self.best, self.bad = value, 0
            self.state = copy.deepcopy(model.state_dict())
        else:
            self.bad += 1
        return self.bad >= self.patience


def make_listing(rng: np.random.Generator) -> Tuple[List[str], float]:
    item, brand = rng.choice(list(BASE)), rng.choice(list(BRAND))
    state = rng.choice(list(STATE))
    extras = list(rng.choice(list(EXTRA), size=rng.integers(1, 5), replace=False))
    words = [state, brand, item] + extras
    rng.shuffle(words)
    price = BASE[item] + BRAND[brand] + STATE[state] + sum(EXTRA[e] for e in extras) + rng.normal(0, .2)
    return [str(w) for w in words], float(price)


class TitleRegressor(nn.Module):
    """sum of word values plus a small interaction net; the target is standardised"""

    def __init__(self, n_words: int, dim: int) -> None:
        super().__init__()
        self.emb = nn.EmbeddingBag(n_words, dim, mode="sum")
        self.mlp = nn.Sequential(nn.Linear(dim, dim), nn.Tanh(), nn.Linear(dim, 1))
        self.skip = nn.Linear(dim, 1, bias=False)

    def forward(self, flat: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
        e = self.emb(flat, offsets)
        return (self.skip(e) + self.mlp(e)).squeeze(-1)


class Pipeline:
    def __init__(self, cfg: Settings) -> None:
        self.cfg = cfg
        self.rng = np.random.default_rng(cfg.seed)
        torch.manual_seed(cfg.seed)

    def encode(self, titles: List[List[str]]) -> Tuple[torch.Tensor, torch.Tensor]:
        flat = [self.vocab[w] for t in titles for w in t]
        offsets = np.cumsum([0] + [len(t) for t in titles[:-1]])
        return torch.tensor(flat), torch.as_tensor(offsets)

    def rmse(self, titles: List[List[str]], prices: np.ndarray) -> float:
        self.model.eval()
        with torch.no_grad():
            pred = self.model(*self.encode(titles)).numpy() * self.std + self.mean
        return float(np.sqrt(np.mean((pred - prices) ** 2)))

    def run(self) -> None:
        cfg = self.cfg
        data = [make_listing(self.rng) for _ in range(4000)]
        titles, prices = [t for t, _ in data], np.array([p for _, p in data])
        tr, va, te = slice(0, 3000), slice(3000, 3500), slice(3500, None)
        self.vocab = {w: i for i, w in enumerate(Counter(w for t in titles[tr] for w in t))}
        self.mean, self.std = prices[tr].mean(), prices[tr].std()
        target = torch.tensor((prices[tr] - self.mean) / self.std, dtype=torch.float32)
        self.model = TitleRegressor(len(self.vocab), cfg.dim)
        opt = torch.optim.Adam(self.model.parameters(), lr=cfg.lr)
        plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=.3, patience=0)
        stop, loss_fn = EarlyStopping(cfg.patience, cfg.min_delta), nn.HuberLoss(delta=2.0)
        for epoch in range(cfg.max_epochs):
            self.model.train()
            losses = []
            for chunk in np.array_split(self.rng.permutation(3000), 3000 // cfg.batch):
                pred = self.model(*self.encode([titles[i] for i in chunk]))
                loss = loss_fn(pred, target[torch.as_tensor(chunk)])
                opt.zero_grad()
                loss.backward()
                opt.step()
                losses.append(loss.item())
            val = self.rmse(titles[va], prices[va])
            plateau.step(val)
            logger.info("epoch %2d huber %.4f val rmse(log) %.4f", epoch, np.mean(losses), val)
            if stop.update(val, self.model):
                logger.info("no progress for %d epochs, stopping", cfg.patience)
                break
        self.model.load_state_dict(stop.state)
        logger.info("train rmse %.4f  test rmse %.4f  (std of prices %.4f, noise in data 0.2)",
                    self.rmse(titles[tr], prices[tr]), self.rmse(titles[te], prices[te]), self.std)


if __name__ == "__main__":
    Pipeline(Settings()).run()
