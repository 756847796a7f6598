"""Phrase polarity with GloVe-Twitter vectors that are adapted to the review domain."""
import csv
import gzip
import os
import random
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


@dataclass
class Config:
    root: str = os.environ["WORDFIT_DATA"]
    n_train: int = 16000
    max_len: int = 32
    batch_size: int = 128
    epochs: int = 5
    lr_embedding: float = 4e-3
    lr_head: float = 1e-2
    dropout: float = 0.3
    weight_decay: float = 1e-4
    seed: int = 17


def load_glove(path):
    words, rows = ["<pad>", "<unk>"], []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            parts = line.rstrip().split(" ")
            words.append(parts[0])
            rows.append(np.asarray(parts[1:], dtype=np.float32))
    rows = np.stack(rows)
    table = np.concatenate([np.zeros((1, rows.shape[1])), rows.mean(0, keepdims=True), rows])
    return {w: i for i, w in enumerate(words)}, torch.tensor(table, dtype=torch.float32)


class Phrases(Dataset):
    def __init__(self, rows, stoi, max_len):
        self.items = []
        for text, label in rows:
            ids = [stoi.get(w, 1) for w in text.lower().split()][:max_len]
            self.items.append((ids, label))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(batch):
    width = max(len(ids) for ids, _ in batch)
    x = torch.zeros(len(batch), width, dtype=torch.long)
    for r, (ids, _) in enumerate(batch):
        x[r, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([float(y) for _, y in batch])


class PolarityModel(nn.Module):
    def __init__(self, vectors, cfg):
        super().__init__()
        # fault:
        self.embedding = nn.Embedding.from_pretrained(vectors, padding_idx=0)
        # mended:
        #self.embedding = nn.Embedding.from_pretrained(vectors, freeze=False, padding_idx=0)
        # end
        self.drop = nn.Dropout(cfg.dropout)
        self.scorer = nn.Linear(vectors.shape[1], 1)

    def forward(self, x):
        keep = (x != 0).unsqueeze(-1).float()
        pooled = (self.embedding(x) * keep).sum(1) / keep.sum(1).clamp(min=1)
        return self.scorer(self.drop(pooled)).squeeze(-1)


class Trainer:
    def __init__(self, model, cfg):
        self.model, self.cfg = model, cfg
        self.loss_fn = nn.BCEWithLogitsLoss()
        self.opt = torch.optim.AdamW([
            {"params": model.embedding.parameters(), "lr": cfg.lr_embedding, "weight_decay": 0.0},
            {"params": model.scorer.parameters(), "lr": cfg.lr_head},
        ], weight_decay=cfg.weight_decay)

    def fit(self, train, dev):
        sched = torch.optim.lr_scheduler.LinearLR(self.opt, 1.0, 0.05, self.cfg.epochs * len(train))
        for epoch in range(1, self.cfg.epochs + 1):
            self.model.train()
            total = 0.0
            for x, y in train:
                loss = self.loss_fn(self.model(x), y)
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                sched.step()
                total += loss.item()
            dev_loss, acc = self.evaluate(dev)
            print(f"epoch {epoch}  train loss {total / len(train):.4f}  dev loss {dev_loss:.4f}  dev acc {acc:.4f}")

    @torch.no_grad()
    def evaluate(self, loader):
        self.model.eval()
        losses, hits, n = [], 0, 0
        for x, y in loader:
            out = self.model(x)
            losses.append(self.loss_fn(out, y).item())
            hits += ((out > 0).float() == y).sum().item()
            n += len(y)
        return sum(losses) / len(losses), hits / n


def read_sst(path):
    with open(path, encoding="utf-8") as f:
        return [(r["sentence"], int(r["label"])) for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)]


def main():
    cfg = Config()
    random.seed(cfg.seed)
    torch.manual_seed(cfg.seed)
    stoi, vectors = load_glove(os.path.join(cfg.root, "vectors/glove.twitter.27B.25d.common11925.txt.gz"))
    train_rows = [r for r in read_sst(os.path.join(cfg.root, "glue/SST-2/train.tsv")) if len(r[0].split()) > 3]
    dev_rows = read_sst(os.path.join(cfg.root, "glue/SST-2/dev.tsv"))
    seen = {t.strip() for t, _ in dev_rows}
    train_rows = [r for r in train_rows if r[0].strip() not in seen]
    random.shuffle(train_rows)
    train = DataLoader(Phrases(train_rows[:cfg.n_train], stoi, cfg.max_len), cfg.batch_size, shuffle=True, collate_fn=collate)
    dev = DataLoader(Phrases(dev_rows, stoi, cfg.max_len), 256, collate_fn=collate)
    model = PolarityModel(vectors, cfg)
    trainer = Trainer(model, cfg)
    trainer.fit(train, dev)
    print("final dev accuracy %.4f" % trainer.evaluate(dev)[1])


if __name__ == "__main__":
    main()
