# Tiny fastText clone: which language is a tweet written in?
# character n-grams hashed into buckets, sparse gradients for the buckets, dense ones for the head
import os
import random
import zlib
from pathlib import Path

import torch
from torch import nn

ROOT = Path(os.environ["WORDFIT_DATA"]) / "sentiment" / "umsab-multilingual"
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
BUCKETS, WIDTH = 30011, 16


def grams(text):
    ids = []
    for w in text.lower().split():
        if w.startswith(("@", "http", "#")):
            continue
        w = f"<{w}>"
        for n in (3,):
            ids += [zlib.crc32(w[i:i + n].encode()) % BUCKETS for i in range(len(w) - n + 1)]
    return ids or [zlib.crc32(b"<nothing>") % BUCKETS]


def read(part, most):
    rows = []
    for y, lang in enumerate(LANGS):
        with open(ROOT / lang / f"{part}_text.txt", encoding="utf-8") as f:
            rows += [(grams(line.rstrip("\n")), y) for line in list(f)[:most]]
    return rows


def batches(rows, size, rng=None):
    order = list(range(len(rows)))
    if rng:
        rng.shuffle(order)
    for i in range(0, len(order), size):
        chunk = [rows[j] for j in order[i:i + size]]
        flat = torch.tensor([g for r, _ in chunk for g in r])
        lens = torch.tensor([len(r) for r, _ in chunk])
        starts = torch.cat([torch.zeros(1, dtype=torch.long), lens.cumsum(0)[:-1]])
        yield flat, starts, torch.tensor([y for _, y in chunk])


class FastText(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, WIDTH, mode="mean", sparse=True)
        nn.init.uniform_(self.bag.weight, -1 / WIDTH, 1 / WIDTH)
        self.fc = nn.Linear(WIDTH, len(LANGS))

    def forward(self, flat, starts):
        return self.fc(self.bag(flat, starts))


@torch.no_grad()
def measure(net, rows):
    total = loss = 0
    for flat, starts, y in batches(rows, 1024):
        out = net(flat, starts)
        loss += nn.functional.cross_entropy(out, y, reduction="sum").item()
        total += (out.argmax(1) == y).sum().item()
    return loss / len(rows), total / len(rows)


if __name__ == "__main__":
    torch.manual_seed(11)
    rng = random.Random(11)
    train, val = read("train", 500), read("val", 150)
    net = FastText()
    opts = [torch.optim.SparseAdam(list(net.bag.parameters()), lr=0.01),
            torch.optim.Adam(net.fc.parameters(), lr=0.01)]
    print(len(train), "train tweets,", len(val), "validation tweets")
    for ep in range(1, 4):
        for flat, starts, y in batches(train, 32, rng):
            loss = nn.functional.cross_entropy(net(flat, starts), y)
            for o in opts:
                o.zero_grad()
            loss.backward()
            for o in opts:
                o.step()
        (a, b), (c, d) = measure(net, train), measure(net, val)
        print(f"{ep}  train {a:.3f} / {b:.3f}   val {c:.3f} / {d:.3f}")
