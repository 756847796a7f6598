"""SST-2 phrases with fixed GloVe and a two-head attentive reader."""
import gzip
import os
import random
from dataclasses import dataclass, field

import torch
from torch import nn

ROOT = os.environ["WORDFIT_DATA"]


@dataclass
class OptimConfig:
    # fault:
    lr: float = 5e-6
    # mended:
    #lr: float = 3e-3
    # end
    betas: tuple = (0.9, 0.98)
    weight_decay: float = 1e-4


@dataclass
class Config:
    n_train: int = 6000
    heads: int = 2
    hidden: int = 32
    dropout: float = 0.3
    epochs: int = 6
    batch: int = 64
    seed: int = 101
    optim: OptimConfig = field(default_factory=OptimConfig)


def read_tsv(path):
    with open(path, encoding="utf-8") as fh:
        next(fh)
        for line in fh:
            text, label = line.rstrip("\n").split("\t")
            yield text.split(), int(label)


def glove():
    index, rows = {"<pad>": 0}, [[0.0] * 50]
    with gzip.open(os.path.join(ROOT, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as fh:
        for line in fh:
            word, rest = line.split(" ", 1)
            index[word] = len(rows)
            rows.append([float(v) for v in rest.split()])
    return index, torch.tensor(rows)


def numericalise(rows, index):
    out = []
    for tokens, label in rows:
        ids = [index[t] for t in tokens if t in index]
        if ids:
            out.append((torch.tensor(ids), label))
    return out


def batches(rows, size, rng=None):
    order = list(range(len(rows)))
    if rng is not None:
        rng.shuffle(order)
    for i in range(0, len(order), size):
        chunk = [rows[j] for j in order[i:i + size]]
        ids = nn.utils.rnn.pad_sequence([c[0] for c in chunk], batch_first=True)
        yield ids, torch.tensor([c[1] for c in chunk])


class AttentiveReader(nn.Module):
    def __init__(self, vectors, cfg):
        super().__init__()
        self.register_buffer("vectors", vectors)
        dim = vectors.size(1)
        self.score = nn.Linear(dim, cfg.heads)
        self.head = nn.Sequential(
            nn.Dropout(cfg.dropout), nn.Linear(dim * cfg.heads, cfg.hidden), nn.ReLU(), nn.Linear(cfg.hidden, 2))

    def forward(self, ids):
        x = self.vectors[ids]
        s = self.score(x).masked_fill((ids == 0).unsqueeze(-1), -1e4)
        pooled = torch.einsum("bth,btd->bhd", s.softmax(dim=1), x)
        return self.head(pooled.flatten(1))


class Trainer:
    def __init__(self, cfg, model):
        self.cfg, self.model = cfg, model
        o = cfg.optim
        self.opt = torch.optim.AdamW(model.parameters(), lr=o.lr, betas=o.betas, weight_decay=o.weight_decay)
        self.sched = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, cfg.epochs)
        self.loss = nn.CrossEntropyLoss()
        self.rng = random.Random(cfg.seed)

    def fit(self, train, dev):
        for epoch in range(self.cfg.epochs):
            self.model.train()
            for ids, y in batches(train, self.cfg.batch, self.rng):
                loss = self.loss(self.model(ids), y)
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
            self.sched.step()
            a, b = self.score(train[:1000]), self.score(dev)
            print(f"epoch {epoch + 1} | train {a[0]:.4f} / {a[1]:.4f} | dev {b[0]:.4f} / {b[1]:.4f}")

    @torch.no_grad()
    def score(self, rows):
        self.model.eval()
        loss = hits = 0.0
        for ids, y in batches(rows, 256):
            logits = self.model(ids)
            loss += self.loss(logits, y).item() * len(y)
            hits += (logits.argmax(1) == y).sum().item()
        return loss / len(rows), hits / len(rows)


def main():
    cfg = Config()
    torch.manual_seed(cfg.seed)
    index, vectors = glove()
    dev_raw = list(read_tsv(os.path.join(ROOT, "glue/SST-2/dev.tsv")))
    held = {" ".join(t) for t, _ in dev_raw}
    pool = [r for r in read_tsv(os.path.join(ROOT, "glue/SST-2/train.tsv")) if len(r[0]) > 5 and " ".join(r[0]) not in held]
    pool = random.Random(cfg.seed).sample(pool, cfg.n_train)
    train, dev = numericalise(pool, index), numericalise(dev_raw, index)
    trainer = Trainer(cfg, AttentiveReader(vectors, cfg))
    trainer.fit(train, dev)
    print("dev accuracy %.4f" % trainer.score(dev)[1])


if __name__ == "__main__":
    main()
