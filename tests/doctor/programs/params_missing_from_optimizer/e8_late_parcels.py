"""Will this parcel miss its delivery slot?  Depot data, categorical ids only."""
import random
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Cfg:
    carriers: int = 60
    depots: int = 150
    hours: int = 24
    width: int = 5
    hidden: int = 24
    rows: int = 9000
    epochs: int = 14
    batch: int = 128
    lr: float = 4e-3
    seed: int = 11


cfg = Cfg()
random.seed(cfg.seed)
np.random.seed(cfg.seed)
torch.manual_seed(cfg.seed)


def export_from_wms(cfg):
    """Stand-in for the warehouse export: columns carrier, origin, destination, hour -> late flag."""
    rng = np.random.default_rng(cfg.seed)
    carrier_slack = rng.normal(0, 1.6, cfg.carriers)
    congestion = rng.normal(0, 1.6, cfg.depots)
    region = rng.integers(0, 2, cfg.depots)
    hour_load = 1.2 * np.sin(np.arange(cfg.hours) / 24 * 2 * np.pi)
    c = rng.integers(0, cfg.carriers, cfg.rows)
    o = rng.integers(0, cfg.depots, cfg.rows)
    d = rng.integers(0, cfg.depots, cfg.rows)
    h = rng.integers(0, cfg.hours, cfg.rows)
    score = carrier_slack[c] + congestion[o] + congestion[d] + hour_load[h]
    score = score + 1.0 * (region[o] != region[d]) - 0.5 + rng.normal(0, 0.5, cfg.rows)
    x = np.stack([c, o, d, h], 1)
    x, first = np.unique(x, axis=0, return_index=True)
    y = (score[first] > 0).astype(np.int64)
    order = rng.permutation(len(x))
    return x[order], y[order]


class LateNet(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        sizes = {"carrier": cfg.carriers, "origin": cfg.depots, "destination": cfg.depots, "hour": cfg.hours}
        self.columns = list(sizes)
        # fault:
        self.tables = {name: nn.Embedding(n, cfg.width) for name, n in sizes.items()}
        # mended:
        #self.tables = nn.ModuleDict({name: nn.Embedding(n, cfg.width) for name, n in sizes.items()})
        # end
        self.drop = nn.Dropout(0.1)
        self.mlp = nn.Sequential(
            nn.Linear(cfg.width * len(sizes), cfg.hidden),
            nn.ReLU(),
            nn.Linear(cfg.hidden, 2),
        )

    def forward(self, x):
        parts = [self.tables[name](x[:, i]) for i, name in enumerate(self.columns)]
        return self.mlp(self.drop(torch.cat(parts, dim=1)))


@torch.no_grad()
def score(model, loader):
    model.eval()
    hit = n = 0
    loss = 0.0
    for xb, yb in loader:
        out = model(xb)
        loss += nn.functional.cross_entropy(out, yb, reduction="sum").item()
        hit += (out.argmax(1) == yb).sum().item()
        n += len(yb)
    return hit / n, loss / n


def main():
    x, y = export_from_wms(cfg)
    x, y = torch.as_tensor(x), torch.as_tensor(y)
    cut = int(0.8 * len(x))
    train = DataLoader(TensorDataset(x[:cut], y[:cut]), batch_size=cfg.batch, shuffle=True)
    held = DataLoader(TensorDataset(x[cut:], y[cut:]), batch_size=512)
    model = LateNet(cfg)
    opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, cfg.epochs)
    for epoch in range(cfg.epochs):
        model.train()
        total = 0.0
        for xb, yb in train:
            loss = nn.functional.cross_entropy(model(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(yb)
        sched.step()
        acc, dev_loss = score(model, held)
        print(f"epoch {epoch + 1:2d}  train loss {total / cut:.3f}  held-out loss {dev_loss:.3f}  acc {acc:.3f}")
    print("train acc %.3f" % score(model, train)[0])
    print("late share held-out %.3f" % y[cut:].float().mean())
    print("final accuracy %.3f" % score(model, held)[0])


if __name__ == "__main__":
    main()
