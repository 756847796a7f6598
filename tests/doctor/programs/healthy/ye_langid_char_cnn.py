#!/usr/bin/env python3
"""Identify the language of an image caption (en / de / fr / cs) from its characters."""
import argparse
import gzip
import logging
import os
import random
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

log = logging.getLogger("langid")
LANGS = ("en", "de", "fr", "cs")


class Captions(Dataset):
    def __init__(self, root, part, width, start=0, stop=None, exclude=()):
        self.items = []
        self.width = width
        for number, lang in enumerate(LANGS):
            with gzip.open(root / f"{part}.{lang}.gz", "rt", encoding="utf-8") as fh:
                for line in fh.read().splitlines()[start:stop]:
                    if line.strip() and line not in exclude:
                        self.items.append((line.strip(), number))
        self.alphabet = None

    def texts(self):
        return {t for t, _ in self.items}

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        text, label = self.items[i]
        ids = [self.alphabet.get(c, 1) for c in text[: self.width]]
        ids += [0] * (self.width - len(ids))
        return torch.tensor(ids), label


class CharCNN(nn.Module):
    def __init__(self, n_chars, dim, channels, n_out):
        super().__init__()
        self.chars = nn.Embedding(n_chars, dim, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(dim, channels, k) for k in (2, 3, 4))
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(3 * channels, n_out)

    def forward(self, ids):
        x = self.chars(ids).transpose(1, 2)
        x = torch.cat([conv(x).relu().amax(dim=-1) for conv in self.convs], dim=1)
        return self.out(self.drop(x))


class Trainer:
    def __init__(self, model, args):
        self.model, self.args = model, args
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=1e-2)
        self.criterion = nn.CrossEntropyLoss()

    def fit(self, train, dev):
        for epoch in range(1, self.args.epochs + 1):
            self.model.train()
            total = 0.0
            for x, y in train:
                self.optimizer.zero_grad(set_to_none=True)
                loss = self.criterion(self.model(x), y)
                loss.backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
                self.optimizer.step()
                total += loss.item() * len(y)
            log.info("epoch %d  train loss %.4f  dev acc %.4f", epoch, total / len(train.dataset), self.evaluate(dev))

    @torch.inference_mode()
    def evaluate(self, loader):
        self.model.eval()
        right = sum((self.model(x).argmax(1) == y).sum().item() for x, y in loader)
        return right / len(loader.dataset)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", type=Path, default=Path(os.environ["WORDFIT_DATA"]) / "seq2seq" / "multi30k")
    ap.add_argument("--epochs", type=int, default=4)
    ap.add_argument("--lr", type=float, default=2e-3)
    ap.add_argument("--width", type=int, default=48)
    ap.add_argument("--seed", type=int, default=13)
    args = ap.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    random.seed(args.seed)
    torch.manual_seed(args.seed)

    train = Captions(args.data, "val", args.width, stop=600)
    dev = Captions(args.data, "test_2016_flickr", args.width, stop=250, exclude=train.texts())
    letters = sorted({c for t, _ in train.items for c in t})
    train.alphabet = dev.alphabet = {c: i + 2 for i, c in enumerate(letters)}
    log.info("%d train, %d dev, %d characters", len(train), len(dev), len(letters))
    model = CharCNN(len(letters) + 2, 16, 20, len(LANGS))
    trainer = Trainer(model, args)
    trainer.fit(DataLoader(train, 64, shuffle=True), DataLoader(dev, 250))


if __name__ == "__main__":
    main()
