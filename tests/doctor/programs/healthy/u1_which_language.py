"""Which language is this caption in? Hashed character trigrams, summed in an EmbeddingBag. Trained on tiny batches
with accumulated gradients, because that is how it runs on the little box in the warehouse."""
import gzip
import os
import zlib
from itertools import islice

import torch
from torch import nn

ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
BUCKETS = 3000


def captions(split, lang, start, stop):
    with gzip.open(os.path.join(ROOT, f"{split}.{lang}.gz"), "rt", encoding="utf-8") as f:
        return [line.strip().lower() for line in islice(f, start, stop)]


def trigrams(text):
    text = f" {text[:25]} "
    return [zlib.crc32(text[i:i + 3].encode()) % BUCKETS for i in range(len(text) - 2)]


def build(split, start, stop, skip=frozenset()):
    rows = []
    for y, lang in enumerate(LANGS):
        # other lines for every language, so that no caption comes with its translation
        n = stop - start
        for text in captions(split, lang, start + y * n, stop + y * n):
            if text and text not in skip:
                rows.append((text, y))
    return rows


class LanguageGuesser(nn.Module):
    def __init__(self):
        super().__init__()
        self.grams = nn.EmbeddingBag(BUCKETS, 16, mode="mean")
        self.out = nn.Linear(16, len(LANGS))

    def forward(self, rows):
        flat, offsets = [], []
        for text, _ in rows:
            offsets.append(len(flat))
            flat.extend(trigrams(text))
        return self.out(self.grams(torch.tensor(flat), torch.tensor(offsets)))


torch.manual_seed(1)
train = build("train", 0, 400)
test = build("val", 0, 100, skip={t for t, _ in train})
print(len(train), "captions,", len(test), "to test on")

model = LanguageGuesser()
optim = torch.optim.Adam(model.parameters(), lr=0.02)
ce = nn.CrossEntropyLoss()
ACCUMULATE = 4

for epoch in range(5):
    model.train()
    perm = torch.randperm(len(train)).tolist()
    optim.zero_grad()
    total = 0.0
    for step, i in enumerate(range(0, len(perm), 8)):
        rows = [train[j] for j in perm[i:i + 8]]
        loss = ce(model(rows), torch.tensor([y for _, y in rows]))
        (loss / ACCUMULATE).backward()
        total += loss.item() * len(rows)
        if (step + 1) % ACCUMULATE == 0:
            optim.step()
            optim.zero_grad()
    model.eval()
    with torch.no_grad():
        out = model(test)
    gold = torch.tensor([y for _, y in test])
    print(f"epoch {epoch}: train {total / len(train):.3f}, test {ce(out, gold).item():.3f}, "
          f"accuracy {(out.argmax(1) == gold).float().mean().item():.3f}")
