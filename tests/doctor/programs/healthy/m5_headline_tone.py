"""Tone of financial headlines (negative / neutral / positive) for an alerting service.

The vectors are kept as published, a small convolution is trained on top of them.
Negative headlines are rare, so the loss is weighted and the report is macro F1.
"""
import gzip
import logging
import os
import random
import re
from dataclasses import dataclass

import torch
from sklearn.metrics import f1_score
from torch import nn
from torch.utils.data import DataLoader, Dataset

logging.basicConfig(level=logging.INFO, format="%(message)s")
log = logging.getLogger("tone")
ROOT = os.environ["WORDFIT_DATA"]
LABELS = ["negative", "neutral", "positive"]


@dataclass
class Config:
    width: int = 300
    channels: int = 24
    max_len: int = 28
    batch: int = 64
    lr: float = 2e-3
    epochs: int = 7
    patience: int = 3
    seed: int = 77


def read_rows() -> list[tuple[tuple[str, ...], int]]:
    rows = {}
    with open(f"{ROOT}/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf-8") as fh:
        for line in fh:
            text, label = line.strip().rsplit("@", 1)
            words = tuple("<num>" if w[0].isdigit() else w for w in re.findall(r"[a-z]+|[0-9][0-9.,]*|%", text.lower()))
            if len(words) >= 3:
                rows[words] = LABELS.index(label)
    return sorted(rows.items())


def read_vectors(words: set[str], width: int) -> tuple[dict[str, int], torch.Tensor]:
    index, rows = {"<pad>": 0, "<unk>": 1, "<num>": 2}, []
    with gzip.open(f"{ROOT}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as fh:
        next(fh)
        for line in fh:
            word, rest = line.split(" ", 1)
            if word in words:
                index[word] = len(index)
                rows.append([float(v) for v in rest.split()])
    known = torch.tensor(rows)
    extra = torch.zeros(3, width)
    extra[1] = known.mean(0)
    extra[2] = known[index["million"] - 3]
    return index, torch.cat([extra, known])


class Headlines(Dataset):
    def __init__(self, rows: list, index: dict[str, int], max_len: int) -> None:
        self.items = []
        for words, label in rows:
            ids = torch.zeros(max_len, dtype=torch.long)
            row = [index.get(w, 1) for w in words[:max_len]]
            ids[: len(row)] = torch.tensor(row)
            self.items.append((ids, label))

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, i: int) -> tuple[torch.Tensor, int]:
        return self.items[i]


class ToneNet(nn.Module):
    def __init__(self, table: torch.Tensor, cfg: Config) -> None:
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.word_drop = nn.Dropout(0.4)
        self.conv = nn.Conv1d(cfg.width, cfg.channels, kernel_size=3, padding=1)
        self.drop = nn.Dropout(0.5)
        self.out = nn.Linear(cfg.channels, len(LABELS))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        maps = torch.relu(self.conv(self.word_drop(self.emb(ids)).transpose(1, 2)))
        maps = maps.masked_fill((ids == 0).unsqueeze(1), 0.0)
        return self.out(self.drop(maps.amax(dim=2)))


def predict(model: nn.Module, data: Dataset) -> tuple[float, float, float]:
    model.eval()
    loader = DataLoader(data, batch_size=256)
    with torch.no_grad():
        parts = [(model(ids), y) for ids, y in loader]
    logits, gold = torch.cat([p for p, _ in parts]), torch.cat([y for _, y in parts])
    guess = logits.argmax(1)
    loss = nn.functional.cross_entropy(logits, gold).item()
    return loss, (guess == gold).float().mean().item(), f1_score(gold.numpy(), guess.numpy(), average="macro")


def main() -> None:
    cfg = Config()
    torch.manual_seed(cfg.seed)
    rows = read_rows()
    random.Random(cfg.seed).shuffle(rows)
    n = len(rows)
    train_rows, dev_rows, test_rows = rows[: int(0.7 * n)], rows[int(0.7 * n) : int(0.85 * n)], rows[int(0.85 * n) :]
    index, table = read_vectors({w for ws, _ in rows for w in ws} | {"million"}, cfg.width)
    train, dev, test = (Headlines(part, index, cfg.max_len) for part in (train_rows, dev_rows, test_rows))
    counts = torch.bincount(torch.tensor([y for _, y in train_rows]), minlength=3).float()
    criterion = nn.CrossEntropyLoss(weight=(counts.sum() / counts).sqrt(), label_smoothing=0.05)
    log.info("rows %d / %d / %d, label counts %s", len(train), len(dev), len(test), counts.int().tolist())
    model = ToneNet(table, cfg)
    opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=cfg.lr, weight_decay=1e-2)
    best, waited = float("inf"), 0
    for epoch in range(1, cfg.epochs + 1):
        model.train()
        for ids, y in DataLoader(train, batch_size=cfg.batch, shuffle=True):
            opt.zero_grad()
            criterion(model(ids), y).backward()
            opt.step()
        dev_loss, acc, f1 = predict(model, dev)
        log.info("epoch %d dev loss %.3f acc %.3f macro f1 %.3f", epoch, dev_loss, acc, f1)
        if dev_loss < best:
            best, waited = dev_loss, 0
            torch.save(model.state_dict(), "tone.pt")
        else:
            waited += 1
            if waited == cfg.patience:
                break
    model.load_state_dict(torch.load("tone.pt"))
    log.info("train loss %.3f acc %.3f macro f1 %.3f", *predict(model, train))
    log.info("test  loss %.3f acc %.3f macro f1 %.3f", *predict(model, test))


if __name__ == "__main__":
    main()
