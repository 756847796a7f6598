"""Film reviews, IMDB. Mean of frozen GloVe vectors and a small network; a slice of the corpus is plenty for that."""
import gzip
import math
import os
import re
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

ROOT = os.environ["WORDFIT_DATA"]
STOP = 60  # GloVe is sorted by frequency, the first rows are function words and punctuation


@dataclass
class HParams:
    every: int = 10
    words_per_review: int = 200
    hidden: int = 24
    dropout: float = 0.2
    lr: float = 5e-3
    weight_decay: float = 1e-3
    batch: int = 50
    epochs: int = 8


def glove():
    names, rows = {"<pad>": 0}, [np.zeros(50, dtype=np.float32)]
    with gzip.open(os.path.join(ROOT, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
        for line in f:
            word, rest = line.rstrip("\n").split(" ", 1)
            names[word] = len(rows)
            rows.append(np.array(rest.split(" "), dtype=np.float32))
    table = torch.from_numpy(np.stack(rows))
    table[1:] = (table[1:] - table[1:].mean(0)) / table[1:].std(0)
    return names, table


class Reviews(Dataset):
    """Columns of the file: label, rating, id, text."""

    def __init__(self, split, names, hp, every, skip=()):
        self.items, self.texts = [], set()
        with gzip.open(os.path.join(ROOT, f"sentiment/imdb/{split}.tsv.gz"), "rt", encoding="utf-8") as f:
            header = next(f).rstrip("\n").split("\t")
            where = header.index("label")
            for n, line in enumerate(f):
                if n % every:
                    continue
                cells = line.rstrip("\n").split("\t")
                text = cells[-1].replace("<br />", " ").lower()
                if text in skip or text in self.texts:
                    continue
                self.texts.add(text)
                ids = [names[w] for w in re.findall(r"[a-z]+|[!?]", text) if names.get(w, 0) > STOP][-hp.words_per_review:]
                self.items.append((ids, int(cells[where] in ("1", "pos", "positive"))))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(items):
    width = max(len(ids) for ids, _ in items)
    x = torch.zeros(len(items), width, dtype=torch.long)
    for r, (ids, _) in enumerate(items):
        x[r, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in items])


class MeanGlove(nn.Module):
    def __init__(self, table, hp):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.net = nn.Sequential(nn.Linear(table.size(1), hp.hidden), nn.ReLU(), nn.Dropout(hp.dropout), nn.Linear(hp.hidden, 2))

    def forward(self, x):
        used = (x != 0).unsqueeze(-1).float()
        mean = (self.table(x) * used).sum(1) / used.sum(1).clamp(min=1)
        return self.net(mean * 4)


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    pairs = [(model(x), y) for x, y in loader]
    out, gold = torch.cat([p[0] for p in pairs]), torch.cat([p[1] for p in pairs])
    return (out.argmax(1) == gold).float().mean().item(), nn.functional.cross_entropy(out, gold).item(), out.argmax(1).float().mean().item()


torch.manual_seed(31)
hp = HParams()
names, table = glove()
train_set = Reviews("train", names, hp, hp.every)
test_set = Reviews("test", names, hp, 25, skip=train_set.texts)
print(len(train_set), "reviews for training,", len(test_set), "for the test")
# fault:
train_loader = DataLoader(train_set, batch_size=hp.batch, collate_fn=collate)
# mended:
#train_loader = DataLoader(train_set, batch_size=hp.batch, shuffle=True, collate_fn=collate)
# end
test_loader = DataLoader(test_set, batch_size=200, collate_fn=collate)

model = MeanGlove(table, hp)
optimizer = torch.optim.AdamW(model.net.parameters(), lr=hp.lr, weight_decay=hp.weight_decay)
for epoch in range(hp.epochs):
    model.train()
    running = 0.0
    for x, y in train_loader:
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item()
    acc, test_loss, share = evaluate(model, test_loader)
    print(f"epoch {epoch} train loss {running / len(train_loader):.4f} test loss {test_loss:.4f} accuracy {acc:.4f} predicted positive {share:.2f}")
