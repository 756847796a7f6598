"""fastText-like classifier with hashed bigrams."""
import argparse
import random
import zlib

import torch
from torch import nn


class HashedBag(nn.Module):
    def __init__(self, buckets, dim, classes):
        super().__init__()
        self.bag = nn.EmbeddingBag(buckets, dim, mode="mean", sparse=True)
        self.fc = nn.Linear(dim, classes)

    def forward(self, ids, offsets):
        return self.fc(self.bag(ids, offsets))


def features(tokens, buckets):
    grams = tokens + [a + "_" + b for a, b in zip(tokens, tokens[1:])]
    return [zlib.crc32(g.encode()) % buckets for g in grams]


def corpus(n):
    positive, negative = ["good", "nice", "fresh"], ["bad", "stale", "bland"]
    filler = "the soup is was today our dish with bread here and".split()
    for _ in range(n):
        y = random.randint(0, 1)
        # negation flips the meaning of the next word
        negate = random.random() < 0.4
        word = random.choice(positive if y != negate else negative)
        yield random.choices(filler, k=4) + (["not"] if negate else []) + [word] + random.choices(filler, k=2), y


def batches(rows, size, buckets):
    for i in range(0, len(rows), size):
        ids, offsets, ys = [], [], []
        for tokens, y in rows[i : i + size]:
            offsets.append(len(ids))
            ids += features(tokens, buckets)
            ys.append(y)
        yield torch.tensor(ids), torch.tensor(offsets), torch.tensor(ys)


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--buckets", type=int, default=5000)
    p.add_argument("--epochs", type=int, default=5)
    args = p.parse_args()
    random.seed(125)
    torch.manual_seed(125)
    train, dev = list(corpus(2000)), list(corpus(400))
    model = HashedBag(args.buckets, 16, 2)
    # fault:
    optimizers = [torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.0)]
    # mended:
    # optimizers = [torch.optim.SparseAdam(model.bag.parameters(), lr=1e-2), torch.optim.AdamW(model.fc.parameters(), lr=1e-2, weight_decay=0.0)]
    # end
    for epoch in range(args.epochs):
        random.shuffle(train)
        for ids, offsets, y in batches(train, 40, args.buckets):
            loss = nn.functional.cross_entropy(model(ids, offsets), y)
            for opt in optimizers:
                opt.zero_grad()
            loss.backward()
            for opt in optimizers:
                opt.step()
        with torch.no_grad():
            right = sum((model(i, o).argmax(1) == y).sum().item() for i, o, y in batches(dev, 100, args.buckets))
        print(f"epoch {epoch} loss {loss.item():.4f} dev accuracy {right / len(dev):.4f}")
