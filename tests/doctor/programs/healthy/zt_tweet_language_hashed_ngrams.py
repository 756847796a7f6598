#!/usr/bin/env python3
"""fastText-like language id of tweets: hashed character n-grams, sparse gradients, Adagrad."""
import os
import random
import re
import warnings
import zlib

import torch
import torch.nn as nn

warnings.filterwarnings("ignore", message="Sparse invariant")
LANGUAGES = ("english", "french", "german", "italian", "portuguese", "spanish")
BUCKETS = 20011
DIM = 12


def read(lang, part):
    path = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual", lang, part + "_text.txt")
    with open(path, encoding="utf-8") as fh:
        for line in fh:
            line = re.sub(r"@user|https?\S*|http", " ", line.strip().lower())
            if len(line.split()) >= 3:
                yield line


def grams(text):
    out = []
    for word in re.findall(r"[^\W\d_]+", text)[:14]:
        w = f"<{word}>"
        out.append(zlib.crc32(w.encode()) % BUCKETS)
        for n in (2, 3):
            out.extend(zlib.crc32(w[i:i + n].encode()) % BUCKETS for i in range(len(w) - n + 1))
    return out


def dataset(part, cap, rng):
    rows = []
    for y, lang in enumerate(LANGUAGES):
        texts = list(dict.fromkeys(read(lang, part)))
        rng.shuffle(texts)
        rows += [(g, y) for g in map(grams, texts[:cap]) if g]
    rng.shuffle(rows)
    return rows


def collate(rows):
    offsets, flat = [], []
    for g, _ in rows:
        offsets.append(len(flat))
        flat += g
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor([y for _, y in rows])


class FastText(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, DIM, mode="mean", sparse=True)
        nn.init.uniform_(self.bag.weight, -1 / DIM, 1 / DIM)
        self.fc = nn.Linear(DIM, len(LANGUAGES))

    def forward(self, flat, offsets):
        return self.fc(self.bag(flat, offsets))


def evaluate(model, rows):
    model.eval()
    with torch.no_grad():
        flat, off, y = collate(rows)
        return (model(flat, off).argmax(-1) == y).float().mean().item()


def main():
    rng = random.Random(5)
    torch.manual_seed(5)
    train, held = dataset("train", 400, rng), dataset("val", 300, rng)
    seen = {tuple(g) for g, _ in train}
    held = [r for r in held if tuple(r[0]) not in seen]
    model = FastText()
    optimizer = torch.optim.Adagrad(model.parameters(), lr=0.1)
    for epoch in range(1, 4):
        model.train()
        rng.shuffle(train)
        running = 0.0
        for i in range(0, len(train), 32):
            flat, off, y = collate(train[i:i + 32])
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(flat, off), y)
            loss.backward()
            optimizer.step()
            running += loss.item() * len(y)
        print(f"{epoch}\tloss={running / len(train):.4f}\ttrain={evaluate(model, train):.4f}\tval={evaluate(model, held):.4f}")


if __name__ == "__main__":
    main()
