"""Spots the language (en/de/fr/cs) of a 20-character snippet.  Config object + Trainer, the way I do all my projects."""
import gzip
import os
from dataclasses import dataclass, field
from typing import List

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Config:
    languages: List[str] = field(default_factory=lambda: ["en", "de", "fr", "cs"])
    rows_per_language: int = 500
    dev_per_language: int = 150
    snippet: int = 20
    emb: int = 16
    hidden: int = 40
    lr: float = 6e-3
    batch_size: int = 30
    epochs: int = 5
    clip: float = 1.0
    seed: int = 11


class Snippets:
    def __init__(self, cfg):
        self.cfg = cfg
        folder = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
        text = {}
        for lang in cfg.languages:
            with gzip.open(os.path.join(folder, f"train.{lang}.gz"), "rt", encoding="utf-8") as f:
                text[lang] = [next(f).strip().lower() for _ in range(1500)]
        chars = sorted({c for rows in text.values() for r in rows for c in r})
        self.c2i = {c: i for i, c in enumerate(chars)}
        self.text = text

    def tensors(self, start, count):
        xs, ys = [], []
        for label, lang in enumerate(self.cfg.languages):
            rows = [r for r in self.text[lang] if len(r) >= self.cfg.snippet + 6][start:start + count]
            for r in rows:
                cut = r[4:4 + self.cfg.snippet]
                xs.append([self.c2i[c] for c in cut])
                ys.append(label)
        return TensorDataset(torch.tensor(xs), torch.tensor(ys))


class Spotter(nn.Module):
    def __init__(self, cfg, n_chars):
        super().__init__()
        self.emb = nn.Embedding(n_chars, cfg.emb)
        # fault:
        self.rnn = nn.GRU(cfg.emb, cfg.hidden)
        # mended:
        # self.rnn = nn.GRU(cfg.emb, cfg.hidden, batch_first=True)
        # end
        self.out = nn.Linear(cfg.hidden, len(cfg.languages))

    def forward(self, x):
        states, _ = self.rnn(self.emb(x))
        return self.out(states[:, -1])


class Trainer:
    def __init__(self, cfg, model, train, dev):
        self.cfg, self.model = cfg, model
        self.train_dl = DataLoader(train, batch_size=cfg.batch_size, shuffle=True)
        self.dev_dl = DataLoader(dev, batch_size=cfg.batch_size, shuffle=True)
        self.opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
        self.loss_fn = nn.CrossEntropyLoss()

    def fit(self):
        for epoch in range(self.cfg.epochs):
            self.model.train()
            total = n = 0
            for x, y in self.train_dl:
                self.opt.zero_grad()
                loss = self.loss_fn(self.model(x), y)
                loss.backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), self.cfg.clip)
                self.opt.step()
                total += loss.item() * len(y)
                n += len(y)
            print(f"[{epoch}] train_loss={total / n:.4f} dev_acc={self.evaluate():.4f}")

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        hits = sum((self.model(x).argmax(-1) == y).sum().item() for x, y in self.dev_dl)
        return hits / len(self.dev_dl.dataset)


def main():
    cfg = Config()
    torch.manual_seed(cfg.seed)
    data = Snippets(cfg)
    train = data.tensors(0, cfg.rows_per_language)
    dev = data.tensors(cfg.rows_per_language, cfg.dev_per_language)
    print(f"{len(train)} train / {len(dev)} dev snippets, {len(data.c2i)} characters")
    Trainer(cfg, Spotter(cfg, len(data.c2i)), train, dev).fit()


if __name__ == "__main__":
    main()
