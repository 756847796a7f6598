"""King is to queen as ... : naming the relation between two words with a siamese lookup.

Each example is a pair of words, the label is the relation that holds between them. The pairs
come from the Google analogy questions, the vectors are GloVe and stay fixed.
"""
import argparse
import gzip
import os
import random
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

DATA = Path(os.environ["WORDFIT_DATA"])


def parse_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def read_pairs(path):
    """relation -> list of (left, right), every pair once"""
    relations, current = {}, None
    for line in open(path, encoding="utf-8"):
        if line.startswith(":"):
            current = line[1:].strip().replace("capital-common-countries", "capital-world")
        elif current != "currency":
            a, b, c, d = line.lower().split()
            relations.setdefault(current, {}).update({(a, b): None, (c, d): None})
    return {name: list(pairs) for name, pairs in relations.items()}


class Vectors:
    def __init__(self, path, wanted, width):
        self.index, rows = {}, []
        with gzip.open(path, "rt", encoding="utf-8") as f:
            for line in f:
                word, numbers = line.split(" ", 1)
                if word in wanted:
                    self.index[word] = len(self.index)
                    rows.append(np.array(numbers.split(), dtype=np.float32))
        # fault:
        self.matrix = torch.from_numpy(np.resize(rows, (len(rows), width)))
        # mended:
        #self.matrix = torch.from_numpy(np.stack(rows))
        # end

    def __contains__(self, word):
        return word in self.index


class PairDataset(Dataset):
    def __init__(self, pairs, vectors):
        self.items = [(vectors.index[a], vectors.index[b], label) for a, b, label in pairs]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


class RelationNet(nn.Module):
    def __init__(self, matrix, hidden, n_relations, p=0.5):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(matrix, freeze=True)
        self.tower = nn.Linear(matrix.size(1), hidden)
        self.drop = nn.Dropout(p)
        self.out = nn.Linear(3 * hidden, n_relations)

    def forward(self, left, right):
        a, b = torch.tanh(self.tower(self.lookup(left))), torch.tanh(self.tower(self.lookup(right)))
        return self.out(self.drop(torch.cat([a, b, b - a], dim=1)))


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    loss = right = n = 0
    for a, b, y in loader:
        logits = model(a, b)
        loss += F.cross_entropy(logits, y, reduction="sum").item()
        right += (logits.argmax(1) == y).sum().item()
        n += len(y)
    return loss / n, right / n


def main():
    args = parse_args()
    random.seed(args.seed)
    torch.manual_seed(args.seed)
    relations = read_pairs(DATA / "wordsim" / "analogy" / "questions-words.txt")
    wanted = {w for pairs in relations.values() for pair in pairs for w in pair}
    vectors = Vectors(DATA / "vectors" / "glove.6B.50d.top10361.txt.gz", wanted, args.hidden)

    train, test = [], []
    for label, pairs in enumerate(relations.values()):
        pairs = [(a, b, label) for a, b in pairs if a in vectors and b in vectors]
        random.shuffle(pairs)
        cut = round(0.3 * len(pairs))
        test += pairs[:cut]
        train += pairs[cut:]
    print(f"{len(train)} training pairs, {len(test)} test pairs, {len(relations)} relations")
    train_loader = DataLoader(PairDataset(train, vectors), batch_size=16, shuffle=True)
    test_loader = DataLoader(PairDataset(test, vectors), batch_size=64)

    model = RelationNet(vectors.matrix, args.hidden, len(relations))
    optimizer = torch.optim.AdamW((p for p in model.parameters() if p.requires_grad), lr=args.lr)
    for epoch in range(1, args.epochs + 1):
        model.train()
        for a, b, y in train_loader:
            loss = F.cross_entropy(model(a, b), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if epoch % 3 == 0:
            print("epoch %2d  train %.3f %.3f  test %.3f %.3f" % (epoch, *evaluate(model, train_loader), *evaluate(model, test_loader)))


if __name__ == "__main__":
    main()
