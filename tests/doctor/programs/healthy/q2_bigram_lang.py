"""Which language is this caption in? Hashed character trigrams in an EmbeddingBag (Multi30k, four languages)."""
import gzip
import os
import random
import zlib

import torch
from torch import nn

BASE = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
BUCKETS = 4096
random.seed(1)
torch.manual_seed(1)


def trigrams(text):
    text = f" {text.lower()} "
    return [zlib.crc32(text[i:i + 3].encode()) % BUCKETS for i in range(len(text) - 2)]


def load(split, n):
    rows = []
    for k, lang in enumerate(LANGS):
        with gzip.open(os.path.join(BASE, f"{split}.{lang}.gz"), "rt", encoding="utf-8") as f:
            for _, line in zip(range(n), f):
                words = line.split()
                start = random.randrange(max(1, len(words) - 2))
                rows.append((" ".join(words[start:start + 3]), k))   # three words are enough
    return rows


train, val = load("train", 500), load("val", 120)
known = {t for t, _ in train}
val = [r for r in val if r[0] not in known]
random.shuffle(train)


def batch(rows):
    grams = [trigrams(t) for t, _ in rows]
    offsets = torch.tensor([0] + [len(g) for g in grams[:-1]]).cumsum(0)
    return torch.tensor([i for g in grams for i in g]), offsets, torch.tensor([k for _, k in rows])


class Identifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.grams = nn.EmbeddingBag(BUCKETS, 16, mode="mean")
        self.out = nn.Linear(16, len(LANGS))

    def forward(self, ids, offsets):
        return self.out(self.grams(ids, offsets))


model = Identifier()
opt = torch.optim.Adam(model.parameters(), lr=0.02)
val_batch = batch(val)
for epoch in range(4):
    model.train()
    for i in range(0, len(train), 32):
        ids, off, y = batch(train[i:i + 32])
        loss = nn.functional.cross_entropy(model(ids, off), y, label_smoothing=0.05)
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        logits = model(*val_batch[:2])
        print(f"epoch {epoch}  val loss {nn.functional.cross_entropy(logits, val_batch[2]):.3f}  "
              f"val accuracy {(logits.argmax(1) == val_batch[2]).float().mean():.3f}  (chance 0.25)")
