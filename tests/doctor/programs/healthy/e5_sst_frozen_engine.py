"""Sentence polarity from fixed GloVe vectors: only the layers above them are trained."""
import gzip
import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

DATA = Path(os.environ["WORDFIT_DATA"])


@dataclass
class Config:
    vectors: Path = DATA / "vectors" / "glove.6B.50d.top10361.txt.gz"
    folder: Path = DATA / "sentiment" / "SST-2-sentences"
    limit: int = 4000
    hidden: int = 40
    dropout: float = 0.5
    batch: int = 64
    epochs: int = 7
    lr: float = 3e-3
    seed: int = 99


class Events:
    def __init__(self):
        self.handlers = defaultdict(list)

    def on(self, name):
        def register(fn):
            self.handlers[name].append(fn)
            return fn
        return register

    def fire(self, name, **kw):
        for fn in self.handlers[name]:
            fn(**kw)


def read_vectors(path):
    words, rows = [], []
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for line in fh:
            word, rest = line.rstrip("\n").split(" ", 1)
            words.append(word)
            rows.append(np.fromstring(rest, dtype=np.float32, sep=" "))
    matrix = np.vstack([np.zeros_like(rows[0]), *rows])
    return {w: i + 1 for i, w in enumerate(words)}, torch.from_numpy(matrix)


def read_split(path, index, limit=None):
    seen = {}
    with open(path, encoding="latin-1") as fh:
        for line in fh:
            label, text = line.strip().split(" ", 1)
            ids = tuple(index[w] for w in text.split() if w in index)
            if len(ids) > 1:
                seen.setdefault(ids, int(label))
    return list(seen.items())[:limit]


class Polarity(nn.Module):
    def __init__(self, matrix, hidden, dropout):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(matrix, freeze=True, padding_idx=0)
        self.drop = nn.Dropout(dropout)
        self.word = nn.Linear(matrix.shape[1], hidden)
        self.out = nn.Linear(2 * hidden, 2)

    def forward(self, ids):
        real = (ids != 0).unsqueeze(-1)
        h = torch.relu(self.word(self.lookup(ids)))
        mean = (h * real).sum(1) / real.sum(1)
        top = h.masked_fill(~real, 0.0).amax(1)
        return self.out(self.drop(torch.cat([mean, top], 1)))


def batches(rows, size, gen=None):
    order = torch.randperm(len(rows), generator=gen).tolist() if gen else range(len(rows))
    order = list(order)
    for i in range(0, len(order), size):
        part = [rows[j] for j in order[i:i + size]]
        yield (nn.utils.rnn.pad_sequence([torch.tensor(x) for x, _ in part], batch_first=True),
               torch.tensor([y for _, y in part]))


def assess(model, rows):
    model.eval()
    loss = hits = 0.0
    with torch.no_grad():
        for ids, y in batches(rows, 256):
            out = model(ids)
            loss += nn.functional.cross_entropy(out, y, reduction="sum").item()
            hits += (out.argmax(1) == y).sum().item()
    return loss / len(rows), hits / len(rows)


def main():
    cfg, events = Config(), Events()
    torch.manual_seed(cfg.seed)
    index, matrix = read_vectors(cfg.vectors)
    dev = read_split(cfg.folder / "stsa.binary.dev", index)
    held = {x for x, _ in dev}
    train = [r for r in read_split(cfg.folder / "stsa.binary.train", index) if r[0] not in held][:cfg.limit]
    model = Polarity(matrix, cfg.hidden, cfg.dropout)
    opt = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=cfg.lr)
    gen = torch.Generator().manual_seed(cfg.seed)

    @events.on("epoch_end")
    def show(epoch):
        (tl, ta), (dl, da) = assess(model, train), assess(model, dev)
        print(f"epoch {epoch} train {tl:.3f}/{ta:.3f} dev {dl:.3f}/{da:.3f}")

    for epoch in range(1, cfg.epochs + 1):
        model.train()
        for ids, y in batches(train, cfg.batch, gen):
            opt.zero_grad()
            nn.functional.cross_entropy(model(ids), y).backward()
            opt.step()
        events.fire("epoch_end", epoch=epoch)


if __name__ == "__main__":
    main()
