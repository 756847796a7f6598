"""What relation holds between two words? (capital of, plural of, opposite of ...)

The pairs come from the Google analogy questions, the vectors are GloVe 50d and stay as they are.
"""
import gzip
import os
import random
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Config:
    data: str = os.environ["WORDFIT_DATA"]
    hidden: int = 128
    dropout: float = 0.5
    lr: float = 2e-3
    epochs: int = 28
    batch: int = 32
    seed: int = 8


cfg = Config()
random.seed(cfg.seed)
torch.manual_seed(cfg.seed)


def read_glove(path):
    index, rows = {}, []
    with gzip.open(path, "rt", encoding="utf8") as f:
        for line in f:
            word, *values = line.rstrip().split(" ")
            index[word] = len(rows)
            rows.append(np.array(values, dtype=np.float32))
    return index, torch.from_numpy(np.stack(rows))


def read_pairs(path, index):
    pairs, section = {}, None
    for line in open(path, encoding="utf8"):
        if line.startswith(":"):
            section = line[1:].strip()
            if section.startswith("capital"):
                section = "capital"
            continue
        a, b, c, d = line.lower().split()
        for p in ((a, b), (c, d)):
            if p[0] in index and p[1] in index:
                pairs.setdefault(p, section)
    return pairs


index, vectors = read_glove(os.path.join(cfg.data, "vectors/glove.6B.50d.top10361.txt.gz"))
pairs = read_pairs(os.path.join(cfg.data, "wordsim/analogy/questions-words.txt"), index)
relations = sorted(set(pairs.values()))
items = sorted(pairs.items())
random.shuffle(items)
X = torch.tensor([[index[a], index[b]] for (a, b), _ in items])
y = torch.tensor([relations.index(r) for _, r in items])
n_test = len(items) // 4
test_dl = DataLoader(TensorDataset(X[:n_test], y[:n_test]), batch_size=64)
train_dl = DataLoader(TensorDataset(X[n_test:], y[n_test:]), batch_size=cfg.batch, shuffle=True)
print(f"{len(items)} pairs, {len(relations)} relations, largest {y.bincount().max().item() / len(y):.2f}")


class RelationNet(nn.Module):
    def __init__(self, vectors, n_rel, cfg):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(vectors)
        self.body = nn.Sequential(
            nn.Linear(3 * vectors.size(1), cfg.hidden),
            nn.ReLU(),
            nn.Dropout(cfg.dropout),
            nn.Linear(cfg.hidden, 64),
            nn.ReLU(),
            nn.Dropout(cfg.dropout),
            nn.Linear(64, n_rel),
        )

    def forward(self, pair):
        a, b = self.words(pair[:, 0]), self.words(pair[:, 1])
        return self.body(torch.cat([a, b, b - a], dim=1))


model = RelationNet(vectors, len(relations), cfg)
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=cfg.lr, weight_decay=0.02)
criterion = nn.CrossEntropyLoss()


def score(dl):
    # fault:
    hits, n, loss = 0, 0, 0.0
    # mended:
    #model.eval()
    #hits, n, loss = 0, 0, 0.0
    # end
    with torch.no_grad():
        for xb, yb in dl:
            out = model(xb)
            hits += (out.argmax(1) == yb).sum().item()
            loss += criterion(out, yb).item() * len(yb)
            n += len(yb)
    return loss / n, hits / n


for epoch in range(1, cfg.epochs + 1):
    model.train()
    for xb, yb in train_dl:
        optimizer.zero_grad()
        criterion(model(xb), yb).backward()
        optimizer.step()
    if epoch % 4 == 0:
        tr, te = score(train_dl), score(test_dl)
        print(f"epoch {epoch:2d}  train loss {tr[0]:.3f} acc {tr[1]:.3f}   test loss {te[0]:.3f} acc {te[1]:.3f}")
