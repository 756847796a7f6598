"""train_bag.py - sentiment of short review phrases.

Bag of GloVe vectors, adapted to the reviews with a learning rate of their own, small MLP on top.
"""
import gzip
import json
import os
import random
from dataclasses import asdict, dataclass

import torch
import torch.nn as nn
from torch.utils.data import DataLoader


@dataclass
class Config:
    root: str = os.environ["WORDFIT_DATA"]
    glove: str = "vectors/glove.6B.50d.top10361.txt.gz"
    n_train: int = 12000
    batch_size: int = 64
    epochs: int = 3
    lr: float = 1e-3
    embedding_lr: float = 2e-3
    hidden: int = 64
    dropout: float = 0.3
    seed: int = 11


def read_glove(path):
    words, rows = [], []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            parts = line.rstrip().split(" ")
            words.append(parts[0])
            rows.append([float(v) for v in parts[1:]])
    return words, torch.tensor(rows)


def read_split(path):
    rows = []
    with open(path, encoding="utf-8") as f:
        next(f)
        for line in f:
            text, label = line.rstrip("\n").split("\t")
            rows.append((text.split(), int(label)))
    return rows


class Vocab:
    def __init__(self, glove_words, train_rows):
        self.index = {"<unk>": 0}
        for w in glove_words:
            self.index.setdefault(w, len(self.index))
        for toks, _ in train_rows:
            for w in toks:
                self.index.setdefault(w, len(self.index))

    def __len__(self):
        return len(self.index)

    def encode(self, toks):
        return [self.index.get(w, 0) for w in toks] or [0]


def collate(batch):
    flat, offsets, labels = [], [], []
    for ids, y in batch:
        offsets.append(len(flat))
        flat.extend(ids)
        labels.append(y)
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor(labels)


class BagModel(nn.Module):
    def __init__(self, weights, cfg):
        super().__init__()
        # fault:
        self.bag = nn.EmbeddingBag.from_pretrained(weights, mode="mean")
        # mended:
        # self.bag = nn.EmbeddingBag.from_pretrained(weights, mode="mean", freeze=False)
        # end
        self.mlp = nn.Sequential(
            nn.Linear(weights.size(1), cfg.hidden), nn.ReLU(), nn.Dropout(cfg.dropout), nn.Linear(cfg.hidden, 2)
        )

    def forward(self, flat, offsets):
        return self.mlp(self.bag(flat, offsets))


class Trainer:
    def __init__(self, cfg, model, train_loader, dev_loader):
        self.cfg, self.model = cfg, model
        self.train_loader, self.dev_loader = train_loader, dev_loader
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(
            [
                {"params": model.mlp.parameters()},
                {"params": model.bag.parameters(), "lr": cfg.embedding_lr},
            ],
            lr=cfg.lr,
        )

    def run_epoch(self):
        self.model.train()
        total = 0.0
        for flat, offsets, y in self.train_loader:
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(flat, offsets), y)
            loss.backward()
            self.optimizer.step()
            total += loss.item() * len(y)
        return total / len(self.train_loader.dataset)

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        right = n = 0
        for flat, offsets, y in self.dev_loader:
            right += (self.model(flat, offsets).argmax(-1) == y).sum().item()
            n += len(y)
        return right / n

    def fit(self):
        for epoch in range(1, self.cfg.epochs + 1):
            loss = self.run_epoch()
            print(f"epoch {epoch}: train loss {loss:.4f}  dev acc {self.evaluate():.4f}")


def main():
    cfg = Config()
    print(json.dumps(asdict(cfg)))
    random.seed(cfg.seed)
    torch.manual_seed(cfg.seed)
    train = read_split(os.path.join(cfg.root, "glue/SST-2/train.tsv"))
    dev = read_split(os.path.join(cfg.root, "glue/SST-2/dev.tsv"))
    train = random.sample(train, cfg.n_train)
    words, vectors = read_glove(os.path.join(cfg.root, cfg.glove))
    vocab = Vocab(words, train)
    table = torch.randn(len(vocab), vectors.size(1)) * vectors.std()
    for w, v in zip(words, vectors):
        table[vocab.index[w]] = v
    pack = lambda rows: [(vocab.encode(t), y) for t, y in rows]
    train_loader = DataLoader(pack(train), batch_size=cfg.batch_size, shuffle=True, collate_fn=collate)
    dev_loader = DataLoader(pack(dev), batch_size=256, collate_fn=collate)
    Trainer(cfg, BagModel(table, cfg), train_loader, dev_loader).fit()


if __name__ == "__main__":
    main()
