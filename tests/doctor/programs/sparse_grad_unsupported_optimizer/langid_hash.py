"""Language identification with hashed character n-grams (fastText idea), real captions in four languages."""
import gzip
import os
import random
import zlib
import torch
from torch import nn

random.seed(6)
torch.manual_seed(6)
DIR = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
BUCKETS = 50_000


def grams(text):
    text = "<" + text.strip().lower()[:14] + ">"
    return [zlib.crc32(text[i:i + n].encode()) % BUCKETS for n in (2, 3) for i in range(len(text) - n + 1)]


def load(name, n):
    rows = []
    for k, lang in enumerate(LANGS):
        with gzip.open(os.path.join(DIR, f"{name}.{lang}.gz"), "rt", encoding="utf8") as f:
            lines = [next(f) for _ in range(n)]
        for s in lines:
            start = random.randrange(max(1, len(s) - 14))
            rows.append((grams(s[start:]), k))
    random.shuffle(rows)
    return rows


train, val = load("train", 1200), load("val", 200)


def pack(rows):
    flat = torch.tensor([g for gs, _ in rows for g in gs])
    offsets = torch.tensor([0] + [len(gs) for gs, _ in rows[:-1]]).cumsum(0)
    return flat, offsets, torch.tensor([k for _, k in rows])


class LangId(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.grams = nn.EmbeddingBag(BUCKETS, dim, mode="mean", sparse=True)
        nn.init.uniform_(self.grams.weight, -1 / dim, 1 / dim)
        self.out = nn.Linear(dim, len(LANGS))

    def forward(self, flat, offsets):
        return self.out(self.grams(flat, offsets))


model = LangId()
# fault:
optimizer = torch.optim.Adamax(model.parameters(), lr=0.05)
# mended:
# optimizer = torch.optim.Adagrad(model.parameters(), lr=0.2)
# end
loss_fn = nn.CrossEntropyLoss()
valid = pack(val)
for epoch in range(5):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 40):
        flat, offsets, y = pack(train[i:i + 40])
        loss = loss_fn(model(flat, offsets), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    with torch.no_grad():
        acc = (model(*valid[:2]).argmax(1) == valid[2]).float().mean().item()
    print(f"epoch {epoch} loss {total / len(train):.4f} val {acc:.4f}")
