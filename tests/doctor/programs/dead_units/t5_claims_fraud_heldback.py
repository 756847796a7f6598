"""Nightly training job: flag insurance claims for manual review from their event codes."""
import argparse
import math
import random
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


@dataclass
class Config:
    codes: int = 160
    dim: int = 24
    hidden: int = 48
    length: int = 14
    n_train: int = 3200
    n_test: int = 1000
    batch_size: int = 64
    epochs: int = 6
    lr: float = 3e-3
    seed: int = 3


class Claims(Dataset):
    def __init__(self, rows):
        self.x = torch.tensor([r[0] for r in rows])
        self.y = torch.tensor([r[1] for r in rows], dtype=torch.float)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


def simulate(cfg, n, rng, weights, seen):
    rows = []
    while len(rows) < n:
        codes = tuple(rng.randrange(cfg.codes) for _ in range(cfg.length))
        if codes in seen:
            continue
        seen.add(codes)
        logit = -1.6 + sum(weights[c] for c in codes) * 2.0
        rows.append((list(codes), int(rng.random() < 1 / (1 + math.exp(-logit)))))
    return rows


class ReviewModel(nn.Module):
    def __init__(self, cfg, rate):
        super().__init__()
        self.codes = nn.Embedding(cfg.codes, cfg.dim)
        self.trunk = nn.Sequential(
            nn.Linear(cfg.dim, cfg.hidden), nn.ReLU(),
            nn.Linear(cfg.hidden, cfg.hidden), nn.ReLU(),
        )
        self.score = nn.Linear(cfg.hidden, 1)
        self.apply(self._init)
        nn.init.constant_(self.score.bias, math.log(rate / (1 - rate)))

    def _init(self, module):
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            # fault:
            nn.init.constant_(module.bias, -math.log((1 - 0.01) / 0.01))
            # mended:
            #nn.init.zeros_(module.bias)
            # end
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.5)

    def forward(self, x):
        return self.score(self.trunk(self.codes(x).mean(1))).squeeze(-1)


@torch.no_grad()
def report(model, data, name):
    model.eval()
    logits = model(data.x)
    hit = (logits > 0) == (data.y > 0.5)
    order = logits.argsort()
    rank = torch.empty(len(order))
    rank[order] = torch.arange(1, len(order) + 1).float()
    pos = data.y.sum()
    auc = (rank[data.y > 0.5].sum() - pos * (pos + 1) / 2) / (pos * (len(order) - pos))
    loss = nn.functional.binary_cross_entropy_with_logits(logits, data.y)
    print(f"  {name}: loss {loss:.3f} accuracy {hit.float().mean():.3f} auc {auc:.3f} "
          f"(always no: {1 - data.y.mean():.3f})")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=Config.epochs)
    parser.add_argument("--lr", type=float, default=Config.lr)
    args = parser.parse_args()
    cfg = Config(epochs=args.epochs, lr=args.lr)

    torch.manual_seed(cfg.seed)
    rng = random.Random(cfg.seed)
    weights = [rng.gauss(0, 1) for _ in range(cfg.codes)]
    seen = set()
    train = Claims(simulate(cfg, cfg.n_train, rng, weights, seen))
    test = Claims(simulate(cfg, cfg.n_test, rng, weights, seen))

    model = ReviewModel(cfg, rate=train.y.mean().item())
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=0.01)
    criterion = nn.BCEWithLogitsLoss()
    loader = DataLoader(train, batch_size=cfg.batch_size, shuffle=True)
    for epoch in range(cfg.epochs):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch + 1}")
        report(model, train, "train")
        report(model, test, "test")


if __name__ == "__main__":
    main()
