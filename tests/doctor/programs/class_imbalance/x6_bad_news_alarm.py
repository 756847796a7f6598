"""newsalarm -- (config + data + layers + trainer squeezed into one file for the ops people)

Raises a flag when a sentence from the wire is bad news for a company.
"""
import gzip
import os
import random
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn


# ------------------------------------------------------------------ config.py
@dataclass
class Config:
    root: str = os.environ["WORDFIT_DATA"]
    hidden: int = 8
    lr: float = 4e-3
    epochs: int = 6
    batch: int = 128
    decay: float = 2e-2
    seed: int = 11


# ------------------------------------------------------------------ data.py
def read_vectors(path):
    table = {}
    with gzip.open(path, "rt", encoding="utf8") as fh:
        for line in fh:
            w, _, rest = line.rstrip("\n").partition(" ")
            table[w] = np.array(rest.split(), dtype=np.float32)
    return table


def read_sentences(path):
    seen, rows = set(), []
    with open(path, encoding="latin-1") as fh:
        for line in fh:
            text, _, tag = line.strip().rpartition("@")
            if text and text not in seen:
                seen.add(text)
                rows.append((text.lower().split(), int(tag == "negative")))
    return rows


def featurise(rows, table):
    x = np.zeros((len(rows), 50), dtype=np.float32)
    for i, (words, _) in enumerate(rows):
        vs = [table[w] for w in words if w in table]
        if vs:
            x[i] = np.mean(vs, axis=0)
    return torch.from_numpy(x), torch.tensor([r[1] for r in rows])


# ------------------------------------------------------------------ layers.py
class Affine(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.w = nn.Parameter(torch.randn(i, o) / i ** 0.5)
        self.b = nn.Parameter(torch.zeros(o))

    def forward(self, x):
        return x @ self.w + self.b


class Alarm(nn.Module):
    def __init__(self, mean, std, hidden):
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        self.a, self.z = Affine(len(mean), hidden), Affine(hidden, 2)

    def forward(self, x):
        return self.z(torch.tanh(self.a((x - self.mean) / self.std)))


# ------------------------------------------------------------------ trainer.py
class Trainer:
    def __init__(self, cfg, model, train, dev):
        self.cfg, self.model, self.train, self.dev = cfg, model, train, dev
        # fault:
        self.criterion = nn.CrossEntropyLoss()
        # mended:
        # share = torch.bincount(train[1], minlength=2).float() / len(train[1])
        # self.criterion = nn.CrossEntropyLoss(weight=0.5 / share)
        # end
        self.opt = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=cfg.decay)

    def scores(self, split):
        self.model.eval()
        x, y = split
        with torch.no_grad():
            p = self.model(x).argmax(1)
        rec = [(p[y == k] == k).float().mean().item() for k in (0, 1)]
        return sum(rec) / 2, rec[1], p.float().mean().item()

    def fit(self):
        x, y = self.train
        for ep in range(self.cfg.epochs):
            self.model.train()
            total = 0.0
            for idx in torch.randperm(len(y)).split(self.cfg.batch):
                self.opt.zero_grad()
                loss = self.criterion(self.model(x[idx]), y[idx])
                loss.backward()
                self.opt.step()
                total += loss.item() * len(idx)
            tr, dv = self.scores(self.train), self.scores(self.dev)
            print(f"[{ep}] loss {total / len(y):.3f} balanced train {tr[0]:.3f} dev {dv[0]:.3f} "
                  f"recall {dv[1]:.3f} flagged {dv[2]:.3f}")


if __name__ == "__main__":
    cfg = Config()
    random.seed(cfg.seed)
    torch.manual_seed(cfg.seed)
    rows = read_sentences(f"{cfg.root}/sentiment/financial-phrasebank/Sentences_50Agree.txt")
    random.shuffle(rows)
    table = read_vectors(f"{cfg.root}/vectors/glove.6B.50d.top10361.txt.gz")
    train, dev = featurise(rows[:-1000], table), featurise(rows[-1000:], table)
    model = Alarm(train[0].mean(0), train[0].std(0) + 1e-5, cfg.hidden)
    Trainer(cfg, model, train, dev).fit()
