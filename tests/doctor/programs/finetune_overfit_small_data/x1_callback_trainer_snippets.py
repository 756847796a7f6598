"""Which corpus does a snippet come from? Few labelled snippets, pretrained word vectors, a trainer with callbacks."""
import gzip
import os
import re
from itertools import islice
from typing import List

import numpy as np
import torch
from torch import Tensor, nn

DATA = os.environ["WORDFIT_DATA"]
SOURCES = ("brown", "reuters-21578-bodies", "imdb-unsup-25k", "enwiki-2018-sample")
WINDOW, N_TRAIN, N_VALID, EPOCHS = 12, 240, 2000, 24


class Vectors:
    def __init__(self, file: str):
        words, rows = [], []
        with gzip.open(file, "rt", encoding="utf-8") as fh:
            for line in fh:
                w, *v = line.split()
                words.append(w)
                rows.append([float(x) for x in v])
        self.ids = {w: i for i, w in enumerate(words)}
        self.table = torch.tensor(rows)


class BagClassifier(nn.Module):
    def __init__(self, table: Tensor):
        super().__init__()
        # fault:
        self.bag = nn.EmbeddingBag.from_pretrained(table, mode="mean", freeze=False)
        # mended:
        # self.bag = nn.EmbeddingBag.from_pretrained(table, mode="mean", freeze=True)
        # end
        self.cls = nn.Linear(table.size(1), len(SOURCES))

    def forward(self, tokens: Tensor, offsets: Tensor) -> Tensor:
        return self.cls(self.bag(tokens, offsets))


class Callback:
    def on_epoch_end(self, trainer: "Trainer", epoch: int, loss: float) -> None: ...


class Report(Callback):
    def __init__(self, sets: dict, every: int = 4):
        self.sets, self.every = sets, every

    def on_epoch_end(self, trainer, epoch, loss):
        if (epoch + 1) % self.every == 0:
            parts = " ".join("%s loss %.3f acc %.3f |" % (k, *trainer.evaluate(v)) for k, v in self.sets.items())
            print(f"epoch {epoch + 1:3d} | {parts}")


class Trainer:
    def __init__(self, model: nn.Module, lr: float, callbacks: List[Callback]):
        self.model, self.callbacks = model, callbacks
        self.opt = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=lr)
        self.criterion = nn.CrossEntropyLoss()

    @staticmethod
    def collate(rows):
        lens = [len(t) for t, _ in rows]
        return (torch.tensor([i for t, _ in rows for i in t]),
                torch.tensor([0] + lens[:-1]).cumsum(0),
                torch.tensor([y for _, y in rows]))

    def fit(self, rows, epochs: int, batch: int = 16):
        for epoch in range(epochs):
            self.model.train()
            perm, total = torch.randperm(len(rows)).tolist(), 0.0
            for k in range(0, len(rows), batch):
                tok, off, y = self.collate([rows[i] for i in perm[k:k + batch]])
                loss = self.criterion(self.model(tok, off), y)
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                total += loss.item()
            for cb in self.callbacks:
                cb.on_epoch_end(self, epoch, total)

    @torch.no_grad()
    def evaluate(self, rows):
        self.model.eval()
        tok, off, y = self.collate(rows)
        out = self.model(tok, off)
        return self.criterion(out, y).item(), (out.argmax(1) == y).float().mean().item()


def main():
    torch.manual_seed(3)
    rng = np.random.default_rng(3)
    vec = Vectors(DATA + "/vectors/glove.6B.50d.top10361.txt.gz")
    rows = []
    for y, name in enumerate(SOURCES):
        with gzip.open(f"{DATA}/corpora/{name}.txt.gz", "rt", encoding="utf-8") as fh:
            lines = [re.sub(r"<[^>]*>", " ", ln).lower() for ln in islice(fh, 0, 7000, 2)]
        picked = []
        for line in dict.fromkeys(lines):
            ids = [vec.ids[w] for w in re.findall(r"[a-z]+", line) if w in vec.ids]
            if len(ids) >= WINDOW:
                picked.append((ids[:WINDOW], y))
        rows += picked[:800]
    rows = [rows[i] for i in rng.permutation(len(rows))]
    train, valid = rows[:N_TRAIN], rows[N_TRAIN:N_TRAIN + N_VALID]
    trainer = Trainer(BagClassifier(vec.table), lr=1e-2, callbacks=[Report({"train": train, "valid": valid})])
    trainer.fit(train, EPOCHS)


if __name__ == "__main__":
    main()
