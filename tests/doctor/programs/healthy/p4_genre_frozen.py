"""Where does a sentence come from: image captions, encyclopedia, or film reviews?  Captions are rare here on purpose
(that is how our crawl looks), GloVe stays fixed, only the pooling query and the head are learned."""
import gzip
import os
import random
import re
from dataclasses import dataclass
from pathlib import Path

import torch
from sklearn.metrics import classification_report, f1_score
from torch import nn
from torch.utils.data import DataLoader, WeightedRandomSampler

ROOT = Path(os.environ["WORDFIT_DATA"])
GENRES = ["caption", "encyclopedia", "review"]


@dataclass
class GenreConfig:
    sizes: tuple = (250, 1800, 900)
    max_words: int = 30
    epochs: int = 6
    batch_size: int = 64
    lr: float = 1e-2
    dropout: float = 0.5
    seed: int = 6


def words(line):
    return re.findall(r"[a-z]+|[.,!?]", line.lower())


def sample(path, n, rng, max_words, encoding="utf-8"):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding=encoding) as f:
        lines = sorted({l.strip() for l in f if 5 < len(l.split()) and "=" not in l})
    rng.shuffle(lines)
    return [" ".join(words(l)[:max_words]) for l in lines[:n]]


def corpus(cfg, rng):
    rows = []
    paths = ["seq2seq/multi30k/val.en.gz", "corpora/wikitext-2.valid.txt.gz", "sentiment/MR/rt-polarity.neg"]
    for label, (path, n) in enumerate(zip(paths, cfg.sizes)):
        encoding = "latin-1" if "rt-" in path else "utf-8"
        rows += [(t, label) for t in dict.fromkeys(sample(ROOT / path, n, rng, cfg.max_words, encoding))]
    rng.shuffle(rows)
    cut = int(len(rows) * 0.8)
    return rows[:cut], rows[cut:]


def glove():
    stoi, rows = {"": 0, "<unk>": 1}, [[0.0] * 50, [0.0] * 50]
    with gzip.open(ROOT / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            w, *v = line.split()
            stoi[w] = len(rows)
            rows.append([float(x) for x in v])
    return stoi, torch.tensor(rows)


class FixedVectors(nn.Module):
    """A lookup that lives in a buffer, so that it is saved but never trained."""
    def __init__(self, table):
        super().__init__()
        self.register_buffer("table", table)

    def forward(self, ids):
        return self.table[ids]


class AttentivePool(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.query = nn.Parameter(torch.zeros(d))

    def forward(self, h, real):
        score = (h @ self.query).masked_fill(~real, float("-inf"))
        return (score.softmax(1).unsqueeze(-1) * h).sum(1)


class GenreNet(nn.Module):
    def __init__(self, table, dropout):
        super().__init__()
        self.look, self.pool = FixedVectors(table), AttentivePool(table.shape[1])
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(table.shape[1], 64), nn.SiLU(), nn.Dropout(dropout), nn.Linear(64, len(GENRES)))

    def forward(self, ids):
        return self.head(self.pool(self.look(ids), ids != 0))


def main():
    cfg = GenreConfig()
    torch.manual_seed(cfg.seed)
    train_rows, test_rows = corpus(cfg, random.Random(cfg.seed))
    stoi, table = glove()

    def collate(rows):
        ids = [torch.tensor([stoi.get(w, 1) for w in t.split()]) for t, _ in rows]
        return nn.utils.rnn.pad_sequence(ids, batch_first=True), torch.tensor([y for _, y in rows])

    counts = [sum(y == k for _, y in train_rows) for k in range(len(GENRES))]
    sampler = WeightedRandomSampler([1 / counts[y] for _, y in train_rows], len(train_rows))
    train = DataLoader(train_rows, cfg.batch_size, sampler=sampler, collate_fn=collate)
    test = DataLoader(test_rows, 256, collate_fn=collate)
    net = GenreNet(table, cfg.dropout)
    opt = torch.optim.Adam(net.parameters(), lr=cfg.lr)
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.7)
    print("training rows per genre", dict(zip(GENRES, counts)))
    for epoch in range(cfg.epochs):
        net.train()
        total = 0.0
        for ids, y in train:
            loss = nn.functional.cross_entropy(net(ids), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item()
        sched.step()
        net.eval()
        with torch.no_grad():
            got = [(net(ids).argmax(1), y) for ids, y in test]
        pred, gold = torch.cat([p for p, _ in got]), torch.cat([g for _, g in got])
        print(f"epoch {epoch} loss {total / len(train):.3f} macro-F1 {f1_score(gold, pred, average='macro'):.3f}")
    print(classification_report(gold, pred, target_names=GENRES, digits=3))


if __name__ == "__main__":
    main()
