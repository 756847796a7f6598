"""IMDB polarity: frozen GloVe, mean and deviation pooling, small MLP."""
import argparse
import gzip
import os
import re
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import accuracy_score, confusion_matrix
from torch.utils.data import DataLoader, Dataset

ROOT = os.environ["WORDFIT_DATA"]
WORD = re.compile(r"[a-z']+")


@dataclass
class Args:
    every: int = 6
    max_words: int = 150
    hidden: int = 32
    dropout: float = 0.3
    lr: float = 3e-3
    epochs: int = 6
    batch_size: int = 32
    seed: int = 13


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in vars(Args()).items():
        parser.add_argument("--" + name.replace("_", "-"), type=type(value), default=value)
    return Args(**vars(parser.parse_args()))


def load_vectors(limit=8000):
    stoi, rows = {}, [np.zeros(50, dtype=np.float32)]
    with gzip.open(os.path.join(ROOT, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
        for line in f:
            word, values = line.split(" ", 1)
            stoi[word] = len(rows)
            rows.append(np.array(values.split(), dtype=np.float32))
            if len(rows) > limit:
                break
    return stoi, torch.from_numpy(np.stack(rows))


class ReviewFile(Dataset):
    """One row per review, in the order of the file; reviews named in skip and repeats are left out."""

    def __init__(self, split, stoi, every, max_words, skip=()):
        self.ids, self.labels, self.seen = [], [], set()
        with gzip.open(os.path.join(ROOT, "sentiment", "imdb", f"{split}.tsv.gz"), "rt", encoding="utf-8") as f:
            columns = f.readline().rstrip("\n").split("\t")
            label_at, text_at = columns.index("label"), columns.index("text")
            for i, line in enumerate(f):
                if i % every:
                    continue
                cells = line.rstrip("\n").split("\t")
                words = WORD.findall(cells[text_at].replace("<br />", " ").lower())
                ids = [stoi[w] for w in words if w in stoi][:max_words]
                if tuple(ids) in self.seen or tuple(ids) in skip:
                    continue
                self.seen.add(tuple(ids))
                self.ids.append(ids)
                self.labels.append(1 if cells[label_at] in ("1", "pos") else 0)

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, i):
        return self.ids[i], self.labels[i]


def pad(batch):
    width = max(len(ids) for ids, _ in batch)
    return (torch.tensor([ids + [0] * (width - len(ids)) for ids, _ in batch]),
            torch.tensor([y for _, y in batch]))


class PooledMLP(nn.Module):
    def __init__(self, vectors, hidden, dropout):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        self.norm = nn.BatchNorm1d(2 * vectors.size(1), affine=False)
        self.mlp = nn.Sequential(nn.Linear(2 * vectors.size(1), hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, 2))

    def forward(self, ids):
        e = self.table(ids)
        real = (ids != 0).unsqueeze(-1)
        mean = (e * real).sum(1) / real.sum(1)
        spread = ((e - mean.unsqueeze(1)).pow(2) * real).sum(1) / real.sum(1)
        return self.mlp(self.norm(torch.cat([mean, spread], dim=-1)))


class Runner:
    def __init__(self, args):
        self.args = args
        self.stoi, vectors = load_vectors()
        train = ReviewFile("train", self.stoi, args.every, args.max_words)
        test = ReviewFile("test", self.stoi, 2 * args.every, args.max_words, skip=train.seen)
        # fault:
        self.train_loader = DataLoader(train, args.batch_size, collate_fn=pad)
        # mended:
        #self.train_loader = DataLoader(train, args.batch_size, shuffle=True, collate_fn=pad)
        # end
        self.test_loader = DataLoader(test, 256, collate_fn=pad)
        self.model = PooledMLP(vectors, args.hidden, args.dropout)
        self.optimizer = torch.optim.Adam(self.model.mlp.parameters(), lr=args.lr)
        self.scheduler = torch.optim.lr_scheduler.ExponentialLR(self.optimizer, 0.75)
        self.criterion = nn.CrossEntropyLoss()

    def train_epoch(self):
        self.model.train()
        total = 0.0
        for ids, y in self.train_loader:
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(ids), y)
            loss.backward()
            self.optimizer.step()
            total += loss.item()
        self.scheduler.step()
        return total / len(self.train_loader)

    @torch.no_grad()
    def predict(self, loader):
        self.model.eval()
        gold, pred = [], []
        for ids, y in loader:
            pred.append(self.model(ids).argmax(1))
            gold.append(y)
        return torch.cat(gold).numpy(), torch.cat(pred).numpy()

    def run(self):
        for epoch in range(self.args.epochs):
            loss = self.train_epoch()
            print(f"epoch {epoch + 1} loss {loss:.4f} test {accuracy_score(*self.predict(self.test_loader)):.4f}")
        gold, pred = self.predict(self.test_loader)
        print(confusion_matrix(gold, pred))
        print(f"train accuracy {accuracy_score(*self.predict(self.train_loader)):.4f}")
        print(f"test accuracy {accuracy_score(gold, pred):.4f}")


if __name__ == "__main__":
    args = parse_args()
    torch.manual_seed(args.seed)
    Runner(args).run()
