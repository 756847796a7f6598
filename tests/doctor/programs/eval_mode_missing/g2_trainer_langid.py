"""Language identification of captions from letter trigrams. Everything in one Trainer."""
import gzip
import os
import zlib
from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Config:
    root: str = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
    langs: tuple = ("en", "de", "fr", "cs")
    per_lang: int = 450
    heldout: int = 150
    max_chars: int = 14
    buckets: int = 2048
    dim: int = 24
    hidden: int = 32
    p_drop: float = 0.6
    lr: float = 1e-2
    epochs: int = 8
    batch: int = 50
    seed: int = 11


class CaptionData:
    def __init__(self, cfg):
        self.cfg = cfg
        self.train, self.test = [], []
        for y, lang in enumerate(cfg.langs):
            with gzip.open(f"{cfg.root}/val.{lang}.gz", "rt", encoding="utf-8") as f:
                lines = [l.strip().lower() for l in f][: cfg.per_lang + cfg.heldout]
            rows = [(self.grams(l[: cfg.max_chars]), y) for l in lines]
            self.train += rows[: cfg.per_lang]
            self.test += rows[cfg.per_lang:]

    def grams(self, s):
        s = f"^{s}$"
        return [zlib.crc32(s[i:i + 3].encode()) % self.cfg.buckets for i in range(len(s) - 2)]

    @staticmethod
    def collate(rows):
        flat = torch.tensor([g for gs, _ in rows for g in gs])
        lens = torch.tensor([len(gs) for gs, _ in rows])
        offs = torch.cumsum(lens, 0) - lens
        return flat, offs, torch.tensor([y for _, y in rows])


class Net(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.bag = nn.EmbeddingBag(cfg.buckets, cfg.dim, mode="mean")
        self.body = nn.Sequential(
            nn.Dropout(cfg.p_drop),
            nn.Linear(cfg.dim, cfg.hidden),
            nn.ReLU(),
            nn.Dropout(cfg.p_drop),
            nn.Linear(cfg.hidden, len(cfg.langs)),
        )

    def forward(self, flat, offs):
        return self.body(self.bag(flat, offs))


class Trainer:
    def __init__(self, cfg):
        self.cfg = cfg
        torch.manual_seed(cfg.seed)
        self.data = CaptionData(cfg)
        self.net = Net(cfg)
        self.opt = torch.optim.Adam(self.net.parameters(), lr=cfg.lr)
        self.crit = nn.CrossEntropyLoss()

    def fit(self):
        for ep in range(self.cfg.epochs):
            self.net.train()
            losses = []
            for idx in torch.randperm(len(self.data.train)).split(self.cfg.batch):
                flat, offs, y = CaptionData.collate([self.data.train[i] for i in idx.tolist()])
                loss = self.crit(self.net(flat, offs), y)
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                losses.append(loss.item())
            print(f"[{ep}] loss={sum(losses) / len(losses):.4f} test_acc={self.score(self.data.test):.4f}")

    def score(self, rows):
        # fault:
        # mended:
        # self.net.eval()
        # end
        hits = 0
        with torch.no_grad():
            for a in range(0, len(rows), 100):
                flat, offs, y = CaptionData.collate(rows[a:a + 100])
                hits += (self.net(flat, offs).argmax(-1) == y).sum().item()
        return hits / len(rows)


if __name__ == "__main__":
    t = Trainer(Config())
    t.fit()
    print("train accuracy", round(t.score(t.data.train), 4))
    print("test accuracy", round(t.score(t.data.test), 4))
