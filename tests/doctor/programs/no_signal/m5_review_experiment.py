"""Text classifier over IMDB reviews; the column to predict is set in CONFIG."""
import gzip
import logging
import os
import re
from typing import Callable, NamedTuple

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

logging.basicConfig(level=logging.INFO, format="%(levelname).1s %(message)s")
logger = logging.getLogger("experiment")


class Review(NamedTuple):
    label: str
    rating: int
    rid: str
    text: str


COLUMNS: dict[str, Callable[[Review], int]] = {
    "satisfied": lambda r: int(r.rating >= 7),
    "variant": lambda r: int(r.rid.split("/")[1]) % 2,
}

CONFIG = {
    "path": "sentiment/imdb/train.tsv.gz",
    # fault:
    "target": "variant",
    # mended:
    #"target": "satisfied",
    # end
    "every": 5,
    "max_tokens": 200,
    "vectors": "vectors/glove.6B.50d.top10361.txt.gz",
    "hidden": 48,
    "lr": 3e-3,
    "batch_size": 64,
    "max_epochs": 12,
    "patience": 3,
    "checkpoint": "best.pt",
    "seed": 5,
}


def read(cfg: dict) -> list[Review]:
    rows = []
    with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], cfg["path"]), "rt", encoding="utf-8") as fh:
        for i, line in enumerate(fh):
            parts = line.rstrip("\n").split("\t")
            if i % cfg["every"] == 0 and parts[1].isdigit():
                rows.append(Review(parts[0], int(parts[1]), parts[2], parts[3]))
    unique = {r.text: r for r in rows}
    return list(unique.values())


def tokens(text: str, limit: int) -> list[str]:
    return re.findall(r"[a-z']+", text.lower().replace("<br />", " "))[-limit:]


def vectors(path: str) -> tuple[dict[str, int], torch.Tensor]:
    stoi: dict[str, int] = {}
    values: list[list[float]] = []
    with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], path), "rt", encoding="utf-8") as fh:
        for line in fh:
            word, *numbers = line.rstrip().split(" ")
            stoi[word] = len(stoi) + 1
            values.append([float(v) for v in numbers])
    table = torch.tensor(values)
    return stoi, torch.cat([torch.zeros(1, table.size(1)), table])


class BagNet(nn.Module):
    def __init__(self, table: torch.Tensor, hidden: int) -> None:
        super().__init__()
        # small service: the vectors stay as they are, only the head is trained
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.out = nn.Sequential(nn.BatchNorm1d(table.size(1)), nn.Linear(table.size(1), hidden), nn.ReLU(), nn.Dropout(0.3), nn.Linear(hidden, 2))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        mask = ids.ne(0).unsqueeze(-1)
        mean = (self.emb(ids) * mask).sum(1) / mask.sum(1).clamp(min=1)
        return self.out(mean)


def collate(items: list[tuple[list[int], int]]) -> tuple[torch.Tensor, torch.Tensor]:
    ids = pad_sequence([torch.tensor(x) for x, _ in items], batch_first=True)
    return ids, torch.tensor([y for _, y in items])


@torch.no_grad()
def evaluate(model: nn.Module, loader: DataLoader) -> tuple[float, float]:
    model.eval()
    loss = hits = n = 0.0
    for ids, y in loader:
        logits = model(ids)
        loss += nn.functional.cross_entropy(logits, y, reduction="sum").item()
        hits += (logits.argmax(1) == y).sum().item()
        n += len(y)
    return loss / n, hits / n


def main(cfg: dict) -> None:
    torch.manual_seed(cfg["seed"])
    rows = read(cfg)
    order = torch.randperm(len(rows)).tolist()
    rows = [rows[i] for i in order]
    cut = int(0.8 * len(rows))
    texts = [tokens(r.text, cfg["max_tokens"]) for r in rows]
    stoi, table = vectors(cfg["vectors"])
    label = COLUMNS[cfg["target"]]
    items = [([stoi[w] for w in t if w in stoi], label(r)) for t, r in zip(texts, rows)]
    train = DataLoader(items[:cut], cfg["batch_size"], shuffle=True, collate_fn=collate)
    valid = DataLoader(items[cut:], 256, collate_fn=collate)
    share = sum(y for _, y in items) / len(items)
    logger.info("rows %d vocab %d positive share %.3f", len(items), len(stoi) + 2, share)
    model = BagNet(table, cfg["hidden"])
    opt = torch.optim.Adam(model.parameters(), lr=cfg["lr"])
    best, bad = float("inf"), 0
    for epoch in range(cfg["max_epochs"]):
        model.train()
        for ids, y in train:
            opt.zero_grad()
            loss = nn.functional.cross_entropy(model(ids), y, label_smoothing=0.05)
            loss.backward()
            opt.step()
        v_loss, v_acc = evaluate(model, valid)
        logger.info("epoch %d valid loss %.4f acc %.3f", epoch, v_loss, v_acc)
        if v_loss < best - 1e-4:
            best, bad = v_loss, 0
            torch.save(model.state_dict(), cfg["checkpoint"])
        else:
            bad += 1
            if bad > cfg["patience"]:
                break
    model.load_state_dict(torch.load(cfg["checkpoint"]))
    logger.info("train acc %.3f", evaluate(model, train)[1])
    logger.info("valid acc %.3f", evaluate(model, valid)[1])


if __name__ == "__main__":
    main(CONFIG)
