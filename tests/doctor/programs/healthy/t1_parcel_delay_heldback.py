"""Will a parcel arrive late? A small Transformer over scan events, trained with gradient accumulation.

A parcel is late when a customs hold is not followed by a release, or when it was misrouted at least twice.
"""
import random
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(77)
torch.manual_seed(77)

EVENTS = ["<pad>", "<cls>", "pickup", "scan", "sorted", "truck", "flight", "hold", "release", "misroute", "weighed", "photo"]
ID = {e: i for i, e in enumerate(EVENTS)}


@dataclass
class Settings:
    n_train: int = 2000
    n_test: int = 500
    dim: int = 32
    heads: int = 4
    layers: int = 2
    micro_batch: int = 16
    accumulate: int = 4
    epochs: int = 8
    lr: float = 3e-3


def make_parcel():
    n = random.randint(4, 16)
    events = random.choices(EVENTS[2:], weights=[1, 3, 2, 2, 1, 1.3, 0.9, 1.1, 1, 1], k=n)
    held = False
    for e in events:
        held = True if e == "hold" else False if e == "release" else held
    return tuple(events), int(held or events.count("misroute") >= 2)


def make_split(cfg):
    chosen, quota, total = {}, [0, 0], cfg.n_train + cfg.n_test
    while len(chosen) < total:
        events, late = make_parcel()
        if events not in chosen and quota[late] < total // 2:
            chosen[events] = late
            quota[late] += 1
    rows = [([ID["<cls>"]] + [ID[e] for e in events], late) for events, late in chosen.items()]
    random.shuffle(rows)
    return rows[:cfg.n_train], rows[cfg.n_train:]


def collate(rows):
    width = max(len(ids) for ids, _ in rows)
    batch = torch.tensor([ids + [0] * (width - len(ids)) for ids, _ in rows])
    return batch, torch.tensor([late for _, late in rows])


class ParcelTransformer(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.events = nn.Embedding(len(EVENTS), cfg.dim, padding_idx=0)
        self.places = nn.Embedding(20, cfg.dim)
        layer = nn.TransformerEncoderLayer(cfg.dim, cfg.heads, 2 * cfg.dim, dropout=0.05, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, cfg.layers, enable_nested_tensor=False)
        self.head = nn.Linear(cfg.dim, 2)

    def forward(self, ids):
        x = self.events(ids) + self.places(torch.arange(ids.shape[1]))
        x = self.encoder(x, src_key_padding_mask=ids == 0)
        return self.head(x[:, 0])


def evaluate(model, loader):
    model.eval()
    right, loss, n = 0, 0.0, 0
    with torch.no_grad():
        for ids, y in loader:
            logits = model(ids)
            loss += nn.functional.cross_entropy(logits, y, reduction="sum").item()
            right += (logits.argmax(1) == y).sum().item()
            n += len(y)
    return loss / n, right / n


def main(cfg=Settings()):
    train_rows, test_rows = make_split(cfg)
    train_loader = DataLoader(train_rows, batch_size=cfg.micro_batch, shuffle=True, collate_fn=collate)
    train_eval = DataLoader(train_rows[:500], batch_size=300, collate_fn=collate)
    test_loader = DataLoader(test_rows, batch_size=300, collate_fn=collate)

    model = ParcelTransformer(cfg)
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=0.01)
    updates = cfg.epochs * len(train_loader) // cfg.accumulate
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=cfg.lr, total_steps=updates + 10, pct_start=0.15)
    for epoch in range(cfg.epochs):
        model.train()
        optimizer.zero_grad()
        for k, (ids, y) in enumerate(train_loader, start=1):
            loss = nn.functional.cross_entropy(model(ids), y)
            (loss / cfg.accumulate).backward()
            if k % cfg.accumulate == 0 or k == len(train_loader):
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                optimizer.zero_grad()
                schedule.step()
        (a, b), (c, d) = evaluate(model, train_eval), evaluate(model, test_loader)
        print(f"epoch {epoch + 1}  train {a:.3f} {b:.3f}  test {c:.3f} {d:.3f}")
    print(f"late or not, test accuracy {d:.3f} (half of the parcels are late)")


if __name__ == "__main__":
    main()
