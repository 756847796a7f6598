"""Assign marketplace listing titles to a department with averaged GloVe vectors."""
import gzip
import os
import random
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

STOCK = {
    "clothing": "shirt jacket dress shoes cotton wool leather hat pants coat boots jeans silk belt skirt sleeve uniform suit",
    "kitchen": "bowl oven knife pan cooking steel glass coffee plate refrigerator pot tea bread spoon dish cup bottle wine",
    "garden": "tree flower plant seed garden grass roses soil water leaf flowers trees lawn fruit shade plants wooden fence",
    "music": "guitar piano drums violin song album bass jazz concert acoustic keyboard vocal band recording tape orchestra sound melody",
    "books": "novel paperback author history poetry fiction story biography science edition chapter series essays stories literature reader guide volume",
}
SHARED = "new old large small used rare classic light blue red black white gift set original quality two good full special".split()
LABELS = sorted(STOCK)


@dataclass
class Settings:
    vectors: str = os.path.join(os.environ["WORDFIT_DATA"], "vectors/glove.6B.50d.top10361.txt.gz")
    train_size: int = 1500
    dev_size: int = 400
    hidden: int = 40
    dropout: float = 0.3
    lr: float = 2e-3
    epochs: int = 8
    batch_size: int = 32
    seed: int = 77


def write_title(rng, label):
    """Sellers string their words together in their own ways: 'Wool-Silk jacket/coat, new'."""
    words = rng.sample(STOCK[label].split(), rng.randint(2, 4)) + rng.sample(SHARED, rng.randint(1, 3))
    if rng.random() < 0.3:
        words.append(rng.choice(STOCK[rng.choice(LABELS)].split()))
    rng.shuffle(words)
    out = words[0].capitalize()
    for w in words[1:]:
        glue = rng.choice(["-", "/", ",", "-", "|", "+", " ", " & "])
        out += glue + (w.capitalize() if rng.random() < 0.3 else w)
    return out + rng.choice(["", "!", ".", "!!"])


def tokenize(title):
    # fault:
    return title.lower().split()
    # mended:
    #return re.findall(r"[a-z]+|\d+", title.lower())
    # end


class GloveVocab:
    def __init__(self, path):
        names, rows = [], []
        with gzip.open(path, "rt", encoding="utf-8") as f:
            for line in f:
                name, rest = line.rstrip().split(" ", 1)
                names.append(name)
                rows.append(np.fromstring(rest, sep=" ", dtype=np.float32))
        table = np.stack(rows)
        self.index = {w: i + 2 for i, w in enumerate(names)}
        self.table = torch.from_numpy(np.vstack([np.zeros_like(table[:1]), table[-500:].mean(0, keepdims=True), table]))

    def encode(self, title):
        return [self.index.get(t, 1) for t in tokenize(title)]


class Collator:
    def __init__(self, vocab):
        self.vocab = vocab

    def __call__(self, rows):
        ids = [torch.tensor(self.vocab.encode(t)) for t, _ in rows]
        flat, offsets = torch.cat(ids), torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
        return flat, offsets, torch.tensor([y for _, y in rows])


class DepartmentModel(nn.Module):
    def __init__(self, table, cfg):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(table, freeze=False, mode="mean")
        self.mlp = nn.Sequential(nn.Linear(table.size(1), cfg.hidden), nn.GELU(), nn.Dropout(cfg.dropout), nn.Linear(cfg.hidden, len(LABELS)))

    def forward(self, flat, offsets):
        return self.mlp(self.bag(flat, offsets))


class Runner:
    def __init__(self, cfg):
        self.cfg = cfg
        rng = random.Random(cfg.seed)
        rows, seen = [], set()
        while len(rows) < cfg.train_size + cfg.dev_size:
            y = rng.randrange(len(LABELS))
            title = write_title(rng, LABELS[y])
            key = tuple(sorted(re.findall("[a-z]+", title.lower())))
            if key not in seen:
                seen.add(key)
                rows.append((title, y))
        vocab = GloveVocab(cfg.vectors)
        collate = Collator(vocab)
        self.train = DataLoader(rows[:cfg.train_size], cfg.batch_size, shuffle=True, collate_fn=collate)
        self.dev = DataLoader(rows[cfg.train_size:], 200, collate_fn=collate)
        self.model = DepartmentModel(vocab.table, cfg)
        slow = list(self.model.bag.parameters())
        self.opt = torch.optim.AdamW([{"params": slow, "lr": cfg.lr / 10, "weight_decay": 0.0},
                                      {"params": self.model.mlp.parameters(), "lr": cfg.lr}])
        print("labels", Counter(LABELS[y] for _, y in rows), "e.g.", rows[0][0])

    def fit(self):
        ce = nn.CrossEntropyLoss()
        for epoch in range(self.cfg.epochs):
            self.model.train()
            losses = []
            for flat, offsets, y in self.train:
                loss = ce(self.model(flat, offsets), y)
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                losses.append(loss.item())
            self.model.eval()
            with torch.no_grad():
                out = [(self.model(f, o), y) for f, o, y in self.dev]
            z, y = torch.cat([a for a, _ in out]), torch.cat([b for _, b in out])
            print(f"epoch {epoch} loss {np.mean(losses):.4f} dev_loss {ce(z, y):.4f} dev_acc {(z.argmax(1) == y).float().mean():.4f}")


if __name__ == "__main__":
    settings = Settings()
    torch.manual_seed(settings.seed)
    Runner(settings).fit()
