"""Which campaign was the visitor under when the session ended?

Sessions are fixed windows of 24 page views; the last campaign page that was opened
before checkout is the one that gets the commission.
"""
import random
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Config:
    window: int = 24
    pages: int = 40
    width: int = 24
    hidden: int = 48
    sessions: int = 3000
    batch: int = 48
    epochs: int = 6
    lr: float = 4e-3
    seed: int = 17


CAMPAIGNS = ["newsletter", "affiliate", "search_ad", "retargeting"]


def make_sessions(cfg, rng):
    """Page ids: the first ids are campaign landing pages, the rest is the shop."""
    rows, owner = [], []
    seen = set()
    while len(rows) < cfg.sessions:
        s = [rng.randrange(len(CAMPAIGNS), cfg.pages) for _ in range(cfg.window)]
        for pos in rng.sample(range(cfg.window - 3), rng.randint(2, 4)):
            s[pos] = rng.randrange(len(CAMPAIGNS))
        if tuple(s) in seen:
            continue
        seen.add(tuple(s))
        rows.append(s)
        owner.append([p for p in s if p < len(CAMPAIGNS)][-1])
    return torch.tensor(rows), torch.tensor(owner)


class Attribution(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.pages = nn.Embedding(cfg.pages, cfg.width)
        # fault:
        self.path = nn.GRU(cfg.width, cfg.hidden)
        # mended:
        #self.path = nn.GRU(cfg.width, cfg.hidden, batch_first=True)
        # end
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(cfg.hidden, len(CAMPAIGNS))

    def forward(self, views):
        states, _ = self.path(self.pages(views))
        return self.out(self.drop(states[:, -1]))


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    hit, n, loss = 0, 0, 0.0
    confusion = torch.zeros(len(CAMPAIGNS), len(CAMPAIGNS), dtype=torch.long)
    for x, y in loader:
        z = model(x)
        p = z.argmax(-1)
        loss += nn.functional.cross_entropy(z, y, reduction="sum").item()
        hit += (p == y).sum().item()
        n += len(y)
        for a, b in zip(y.tolist(), p.tolist()):
            confusion[a, b] += 1
    return hit / n, loss / n, confusion


def main():
    cfg = Config()
    rng = random.Random(cfg.seed)
    torch.manual_seed(cfg.seed)
    x, y = make_sessions(cfg, rng)
    cut = int(0.8 * len(x))
    train = DataLoader(TensorDataset(x[:cut], y[:cut]), cfg.batch, shuffle=True)
    dev = DataLoader(TensorDataset(x[cut:], y[cut:]), cfg.batch)

    model = Attribution(cfg)
    opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    for epoch in range(cfg.epochs):
        model.train()
        total = 0.0
        for views, label in train:
            opt.zero_grad()
            loss = nn.functional.cross_entropy(model(views), label)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            total += loss.item() * len(label)
        acc, dev_loss, confusion = evaluate(model, dev)
        print(f"epoch {epoch + 1}: train loss {total / cut:.3f}  dev loss {dev_loss:.3f}  dev acc {acc:.3f}")
    print("largest class share", round(y[cut:].bincount().max().item() / len(y[cut:]), 3))
    for name, row in zip(CAMPAIGNS, confusion):
        print(f"{name:12s}", row.tolist())


if __name__ == "__main__":
    main()
