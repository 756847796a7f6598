"""Which language is this tweet in?  Hashed character trigrams -> sum of embeddings -> softmax.

Six languages in Latin script, from UMSAB. Sparse gradients, so two optimizers: SparseAdam for the table, Adam for the rest.
"""
import os
import random
import re
import zlib
from pathlib import Path

import torch
from torch import nn

random.seed(3)
torch.manual_seed(3)
ROOT = Path(os.environ["WORDFIT_DATA"]) / "sentiment" / "umsab-multilingual"
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
BUCKETS = 2 ** 14
MASKED = re.compile(r"@user|http\S*|#\S+|\d+")


def trigrams(text):
    text = " " + " ".join(MASKED.sub(" ", text.lower()).split()) + " "
    return [zlib.crc32(text[i:i + 3].encode("utf-8")) % BUCKETS for i in range(len(text) - 2)]


def load(split, limit=None):
    rows = []
    for y, lang in enumerate(LANGS):
        lines = (ROOT / lang / f"{split}_text.txt").read_text(encoding="utf-8").split("\n")
        for line in lines[:limit]:
            grams = trigrams(line)
            if len(grams) >= 5:
                rows.append((line.strip(), grams[:140], y))
    return rows


train = load("train", 600)
known = {text for text, _, _ in train}
dev = [r for r in load("val") if r[0] not in known]
print(f"{len(train)} training tweets, {len(dev)} for validation")


def batches(rows, size):
    for i in range(0, len(rows), size):
        part = rows[i:i + size]
        flat = torch.tensor([g for _, grams, _ in part for g in grams])
        lengths = torch.tensor([len(grams) for _, grams, _ in part])
        offsets = torch.cat([torch.zeros(1, dtype=torch.long), lengths.cumsum(0)[:-1]])
        yield flat, offsets, torch.tensor([y for _, _, y in part])


class LangId(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.table = nn.EmbeddingBag(BUCKETS, dim, mode="mean", sparse=True)
        nn.init.uniform_(self.table.weight, -0.1, 0.1)
        self.out = nn.Linear(dim, len(LANGS))

    def forward(self, flat, offsets):
        return self.out(self.table(flat, offsets))


net = LangId()
opts = [torch.optim.SparseAdam(list(net.table.parameters()), lr=0.01), torch.optim.Adam(net.out.parameters(), lr=0.02)]
criterion = nn.CrossEntropyLoss()
for epoch in range(4):
    random.shuffle(train)
    net.train()
    total = 0.0
    for flat, offsets, y in batches(train, 64):
        for o in opts:
            o.zero_grad()
        loss = criterion(net(flat, offsets), y)
        loss.backward()
        for o in opts:
            o.step()
        total += loss.item() * len(y)
    net.eval()
    hits = 0
    with torch.no_grad():
        for flat, offsets, y in batches(dev, 256):
            hits += (net(flat, offsets).argmax(1) == y).sum().item()
    print(f"epoch {epoch}  train loss {total / len(train):.3f}  val acc {hits / len(dev):.3f}")
