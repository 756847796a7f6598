"""Demand service: predicts log weekly units of an article from its attribute ids."""
import logging
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s", datefmt="%H:%M:%S")
logger = logging.getLogger("demand")


@dataclass
class Settings:
    n_rows: int = 6000
    stores: int = 40
    articles: int = 120
    campaigns: int = 6
    weeks: int = 52
    dim: int = 12
    batch_size: int = 64
    epochs: int = 12
    lr: float = 4e-3
    seed: int = 3


def simulate(cfg: Settings) -> TensorDataset:
    rng = np.random.default_rng(cfg.seed)
    store_fx = rng.normal(0, 0.6, cfg.stores)
    art_fx = rng.normal(0, 0.9, cfg.articles)
    camp_fx = np.linspace(0, 1.2, cfg.campaigns)
    shape = (cfg.stores, cfg.articles, cfg.campaigns, cfg.weeks)
    cells = rng.choice(np.prod(shape), cfg.n_rows, replace=False)
    store, art, camp, week = np.unravel_index(cells, shape)
    season = 0.5 * np.sin(2 * np.pi * week / cfg.weeks)
    log_units = 2.0 + store_fx[store] + art_fx[art] + camp_fx[camp] + season + rng.normal(0, 0.3, cfg.n_rows)
    ids = np.stack([store, art, camp, week], axis=1)
    return TensorDataset(torch.from_numpy(ids).long(), torch.from_numpy(log_units).float())


class DemandNet(nn.Module):
    def __init__(self, cfg: Settings) -> None:
        super().__init__()
        sizes = (cfg.stores, cfg.articles, cfg.campaigns, cfg.weeks)
        self.tables = nn.ModuleList([nn.Embedding(n, cfg.dim) for n in sizes])
        for table in self.tables:
            nn.init.normal_(table.weight, std=0.3)
        self.body = nn.Sequential(nn.Linear(cfg.dim * len(sizes), 48), nn.ReLU(), nn.Dropout(0.05))
        self.head = nn.Linear(48, 1)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        parts = [table(ids[:, i]) for i, table in enumerate(self.tables)]
        hidden = self.body(torch.cat(parts, dim=-1))
        # fault:
        return self.head(hidden)
        # mended:
        #return self.head(hidden).squeeze(-1)
        # end


class Forecaster:
    def __init__(self, cfg: Settings) -> None:
        self.cfg = cfg
        self.model = DemandNet(cfg)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=cfg.lr, weight_decay=1e-3)
        self.scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, cfg.epochs)
        self.criterion = nn.SmoothL1Loss()

    def fit(self, train: DataLoader, valid: DataLoader) -> None:
        for epoch in range(1, self.cfg.epochs + 1):
            self.model.train()
            total, seen = 0.0, 0
            for ids, target in train:
                self.optimizer.zero_grad(set_to_none=True)
                loss = self.criterion(self.model(ids), target)
                loss.backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
                self.optimizer.step()
                total += loss.item() * len(target)
                seen += len(target)
            self.scheduler.step()
            if epoch % 3 == 0:
                logger.info("epoch=%d loss=%.4f valid_mae=%.4f", epoch, total / seen, self.score(valid)[0])

    @torch.no_grad()
    def score(self, loader: DataLoader) -> tuple[float, float]:
        self.model.eval()
        pairs = [(self.model(ids).reshape(-1), target) for ids, target in loader]
        pred, true = (torch.cat(column) for column in zip(*pairs))
        mae = (pred - true).abs().mean().item()
        r2 = 1 - ((pred - true) ** 2).sum().item() / ((true - true.mean()) ** 2).sum().item()
        return mae, r2


def main() -> None:
    cfg = Settings()
    torch.manual_seed(cfg.seed)
    data = simulate(cfg)
    train, valid = random_split(data, [5000, 1000], generator=torch.Generator().manual_seed(cfg.seed))
    train_loader = DataLoader(train, batch_size=cfg.batch_size, shuffle=True)
    valid_loader = DataLoader(valid, batch_size=250)
    forecaster = Forecaster(cfg)
    forecaster.fit(train_loader, valid_loader)
    logger.info("train mae=%.3f r2=%.3f", *forecaster.score(train_loader))
    logger.info("final mae=%.3f r2=%.3f", *forecaster.score(valid_loader))


if __name__ == "__main__":
    main()
