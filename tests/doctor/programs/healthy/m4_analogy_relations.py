"""Which relation holds between two words? Frozen GloVe pairs, classes of uneven size, gradient accumulation."""
import argparse
import gzip
import os
from collections import Counter

import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import balanced_accuracy_score, f1_score
from sklearn.model_selection import train_test_split

DATA = os.environ["WORDFIT_DATA"]


def read_pairs():
    """Unique word pairs with their section; a pair that stands in two sections keeps the first."""
    pairs, section = {}, None
    with open(os.path.join(DATA, "wordsim", "analogy", "questions-words.txt"), encoding="utf-8") as f:
        for line in f:
            if line.startswith(":"):
                section = line[1:].strip()
                if section.startswith("capital"):
                    section = "capital"
                continue
            a, b, c, d = line.lower().split()
            pairs.setdefault((a, b), section)
            pairs.setdefault((c, d), section)
    return pairs


def read_glove(words):
    rows, ids = [], {}
    with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
        for line in f:
            word, values = line.split(" ", 1)
            if word in words:
                ids[word] = len(rows)
                rows.append(np.array(values.split(), dtype=np.float32))
    return ids, torch.from_numpy(np.stack(rows))


class RelationNet(nn.Module):
    def __init__(self, vectors, n_relations, hidden=64, dropout=0.4):
        super().__init__()
        self.register_buffer("vectors", nn.functional.normalize(vectors, dim=1) * 4)
        dim = vectors.size(1)
        self.net = nn.Sequential(nn.Linear(3 * dim, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, n_relations))

    def forward(self, pair):
        a, b = self.vectors[pair[:, 0]], self.vectors[pair[:, 1]]
        return self.net(torch.cat([a, b, b - a], dim=-1))


class Trainer:
    def __init__(self, model, lr, accumulate, class_weight):
        self.model, self.accumulate = model, accumulate
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.05)
        self.criterion = nn.CrossEntropyLoss(weight=class_weight)

    def fit(self, x, y, epochs, micro_batch):
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, epochs)
        for epoch in range(epochs):
            self.model.train()
            micro = torch.randperm(len(y)).split(micro_batch)
            total = 0.0
            for i, idx in enumerate(micro):
                loss = self.criterion(self.model(x[idx]), y[idx])
                (loss / self.accumulate).backward()
                total += loss.item()
                if (i + 1) % self.accumulate == 0 or i + 1 == len(micro):
                    self.optimizer.step()
                    self.optimizer.zero_grad()
            scheduler.step()
            if (epoch + 1) % 10 == 0:
                print(f"epoch {epoch + 1} loss {total / len(micro):.4f}")

    @torch.no_grad()
    def score(self, x, y):
        self.model.eval()
        logits = self.model(x)
        pred = logits.argmax(1)
        return (pred == y).float().mean().item(), balanced_accuracy_score(y, pred), f1_score(y, pred, average="macro"), \
            nn.functional.cross_entropy(logits, y).item()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--lr", type=float, default=2e-3)
    ap.add_argument("--epochs", type=int, default=30)
    ap.add_argument("--micro-batch", type=int, default=16)
    ap.add_argument("--accumulate", type=int, default=2)
    ap.add_argument("--seed", type=int, default=6)
    args = ap.parse_args()
    torch.manual_seed(args.seed)

    pairs = read_pairs()
    ids, vectors = read_glove({w for p in pairs for w in p})
    pairs = {p: s for p, s in pairs.items() if p[0] in ids and p[1] in ids}
    counts = Counter(pairs.values())
    names = sorted(s for s, n in counts.items() if n >= 12)
    rows = [(ids[a], ids[b], names.index(s)) for (a, b), s in pairs.items() if s in names]
    data = torch.tensor(rows)
    train, dev = train_test_split(data, test_size=0.25, stratify=data[:, 2], random_state=args.seed)
    freq = torch.bincount(train[:, 2], minlength=len(names)).float()
    print(f"{len(train)} pairs for training, {len(dev)} for dev, {len(names)} relations of {int(freq.min())} to {int(freq.max())} pairs")

    trainer = Trainer(RelationNet(vectors, len(names)), args.lr, args.accumulate, (freq.mean() / freq).sqrt())
    trainer.fit(train[:, :2], train[:, 2], args.epochs, args.micro_batch)
    print("train accuracy %.3f balanced %.3f macro f1 %.3f loss %.3f" % trainer.score(train[:, :2], train[:, 2]))
    print("dev accuracy %.3f balanced %.3f macro f1 %.3f loss %.3f" % trainer.score(dev[:, :2], dev[:, 2]))
    print(f"largest relation: {(dev[:, 2] == freq.argmax()).float().mean():.3f} of the dev pairs")


if __name__ == "__main__":
    main()
