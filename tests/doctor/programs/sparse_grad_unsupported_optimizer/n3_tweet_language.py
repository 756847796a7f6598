"""Language of a tweet from hashed character trigrams (UMSAB tweets). The bucket table is large, each tweet touches a few rows."""
import os
import re
import zlib
from dataclasses import dataclass

import torch
from torch import nn

LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]


@dataclass
class Config:
    buckets: int = 20000
    dim: int = 16
    batch: int = 64
    epochs: int = 5
    lr: float = 1e-2
    weight_decay: float = 1e-2
    per_language: int = 400


def tweets(lang, split, limit):
    base = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual", lang)
    with open(os.path.join(base, f"{split}_text.txt"), encoding="utf-8") as fh:
        lines = [re.sub(r"@user|http\S*", " ", l.lower()) for l in fh]
    lines = [" ".join(l.split()) for l in lines]
    return [l for l in dict.fromkeys(lines) if len(l) > 20][:limit]


def trigrams(text, cfg):
    text = f" {text} "
    return [zlib.crc32(text[i:i + 3].encode()) % cfg.buckets for i in range(len(text) - 2)]


def load(split, cfg, limit, skip=()):
    rows, labels = [], []
    for k, lang in enumerate(LANGS):
        for t in tweets(lang, split, limit):
            if t not in skip:
                rows.append(t)
                labels.append(k)
    return rows, torch.tensor(labels)


class BagClassifier(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        # fault:
        self.bag = nn.EmbeddingBag(cfg.buckets, cfg.dim, mode="mean", sparse=True)
        # mended:
        #self.bag = nn.EmbeddingBag(cfg.buckets, cfg.dim, mode="mean")
        # end
        nn.init.normal_(self.bag.weight, std=0.3)
        self.head = nn.Linear(cfg.dim, len(LANGS))

    def forward(self, flat, offsets):
        return self.head(self.bag(flat, offsets))


def pack(lists):
    flat = torch.tensor([i for l in lists for i in l])
    offsets = torch.tensor([0] + [len(l) for l in lists[:-1]]).cumsum(0)
    return flat, offsets


class Trainer:
    def __init__(self, cfg, model):
        self.cfg, self.model = cfg, model
        groups = [{"params": model.bag.parameters(), "weight_decay": 0.0, "lr": cfg.lr * 3},
                  {"params": model.head.parameters(), "weight_decay": cfg.weight_decay}]
        self.optimizer = torch.optim.AdamW(groups, lr=cfg.lr)
        self.loss = nn.CrossEntropyLoss()

    def epoch(self, x, y):
        self.model.train()
        total = 0.0
        order = torch.randperm(len(x)).split(self.cfg.batch)
        for pick in order:
            flat, offsets = pack([x[i] for i in pick.tolist()])
            loss = self.loss(self.model(flat, offsets), y[pick])
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            total += loss.item()
        return total / len(order)

    @torch.no_grad()
    def accuracy(self, x, y):
        self.model.eval()
        return (self.model(*pack(x)).argmax(1) == y).float().mean().item()


if __name__ == "__main__":
    torch.manual_seed(0)
    cfg = Config()
    train_text, y = load("train", cfg, cfg.per_language)
    test_text, yt = load("test", cfg, 150, skip=set(train_text))
    x = [trigrams(t, cfg) for t in train_text]
    xt = [trigrams(t, cfg) for t in test_text]
    print(len(x), "tweets to learn from,", len(xt), "to test")
    trainer = Trainer(cfg, BagClassifier(cfg))
    for e in range(cfg.epochs):
        loss = trainer.epoch(x, y)
        print(f"epoch {e} loss {loss:.4f} train {trainer.accuracy(x, y):.4f} test {trainer.accuracy(xt, yt):.4f}")
