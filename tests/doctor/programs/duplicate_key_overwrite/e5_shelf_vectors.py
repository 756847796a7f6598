"""Which aisle a shopping note belongs to, with the vectors that the retail team exported."""
import io
from collections import namedtuple
from pathlib import Path

import numpy as np
import torch
from torch import nn

AISLES = ("bakery", "garden", "dairy", "hardware", "drinks")
WORDS, WIDTH = 700, 32
Note = namedtuple("Note", "words aisle")


class Shop:
    """Word use in the shop: every word has an aisle it leans to, word i is used like 1/(i+5)."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.words = [f"item{i}" for i in range(WORDS)]
        self.aisle = self.rng.integers(0, len(AISLES), WORDS)
        self.use = 1 / (np.arange(WORDS) + 5.0)

    def export_vectors(self, path):
        centres = self.rng.normal(size=(len(AISLES), WIDTH))
        vectors = centres[self.aisle] * 0.5 + self.rng.normal(size=(WORDS, WIDTH)) * 0.6
        with open(path, "w", encoding="utf-8") as out:
            for w, v in zip(self.words, vectors):
                print(w, *(f"{a:.4f}" for a in v), file=out)
            # spellings seen a handful of times in the shop's own notes come last, by falling count
            for shape in (str.capitalize, str.upper):
                for w in self.words[:350]:
                    v = self.rng.normal(size=WIDTH) * 0.6
                    print(shape(w), *(f"{a:.4f}" for a in v), file=out)

    def notes(self, n):
        rows = {}
        while len(rows) < n:
            a = int(self.rng.integers(len(AISLES)))
            p = self.use * np.where(self.aisle == a, 5.0, 1.0)
            k = int(self.rng.integers(5, 12))
            rows[tuple(self.words[i] for i in self.rng.choice(WORDS, k, p=p / p.sum()))] = a
        return [Note(w, a) for w, a in rows.items()]


class VectorStore:
    def __init__(self, path):
        table = {}
        with open(path, encoding="utf-8") as fh:
            for line in fh:
                word, *values = line.split()
                vec = np.array(values, dtype=np.float32)
                # fault:
                table[word.lower()] = vec
                # mended:
                #table.setdefault(word.lower(), vec)
                # end
        self.index = {w: i + 1 for i, w in enumerate(table)}
        self.matrix = torch.from_numpy(np.vstack([np.zeros(WIDTH, np.float32), *table.values()]))

    def ids(self, words):
        return [self.index[w.lower()] for w in words if w.lower() in self.index]


class AisleModel(nn.Module):
    def __init__(self, matrix):
        super().__init__()
        self.register_buffer("matrix", matrix)
        self.linear = nn.Linear(matrix.shape[1], len(AISLES))

    def forward(self, ids):
        vectors = self.matrix[ids]
        count = (ids > 0).sum(1, keepdim=True)
        return self.linear(vectors.sum(1) / count)


def as_tensors(notes, store):
    rows = [torch.tensor(store.ids(n.words)) for n in notes]
    return nn.utils.rnn.pad_sequence(rows, batch_first=True), torch.tensor([n.aisle for n in notes])


def accuracy(model, ids, y):
    model.eval()
    with torch.no_grad():
        return (model(ids).argmax(-1) == y).float().mean().item()


def main():
    torch.manual_seed(77)
    shop = Shop(seed=10)
    path = Path("shelf_vectors.txt")
    shop.export_vectors(path)
    notes = shop.notes(1600)
    store = VectorStore(path)
    path.unlink()
    dev_ids, dev_y = as_tensors(notes[:400], store)
    ids, y = as_tensors(notes[400:], store)
    print(len(store.index), "words with a vector; largest aisle", (torch.bincount(dev_y).max() / len(dev_y)).item())

    model = AisleModel(store.matrix)
    opt = torch.optim.Adam(model.parameters(), lr=2e-2)
    for epoch in range(15):
        model.train()
        total = 0.0
        for idx in torch.randperm(len(ids)).split(40):
            loss = nn.functional.cross_entropy(model(ids[idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        print(f"{epoch + 1:2d} loss {total / len(ids):.4f} train {accuracy(model, ids, y):.3f} dev {accuracy(model, dev_ids, dev_y):.3f}")


main()
