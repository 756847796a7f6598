#!/usr/bin/env python3
"""Spanish, Portuguese, Italian or French?  Hashed character trigrams of tweets, mean of their vectors, linear layer."""
import os
import re
import zlib

import torch
from torch import nn

torch.manual_seed(1234)

LANGS = ("spanish", "portuguese", "italian", "french")
BUCKETS = 8192
BATCH_SIZE = 32
# fault:
NUM_STEPS = 60
# mended:
# NUM_STEPS = 800
# end
LOG_EVERY = max(NUM_STEPS // 6, 1)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")


def trigrams(text):
    text = re.sub(r"@\w+|https?\S*|#|\d", " ", text.lower())
    text = " " + " ".join(text.split())[:60] + " "
    return sorted({zlib.adler32(text[i:i + 3].encode("utf8")) % BUCKETS for i in range(len(text) - 2)}) or [0]


def load(part, limit):
    rows, seen = [], set()
    for label, lang in enumerate(LANGS):
        with open(os.path.join(ROOT, lang, f"{part}_text.txt"), encoding="utf-8") as fh:
            for line in list(fh)[:limit]:
                if len(line) > 30 and line not in seen:
                    seen.add(line)
                    rows.append((trigrams(line), label))
    return rows


train_rows, test_rows = load("train", 1800), load("val", 320)


def batchify(rows):
    flat = torch.tensor([t for tri, _ in rows for t in tri])
    offsets = torch.tensor([0] + [len(tri) for tri, _ in rows[:-1]]).cumsum(0)
    return flat, offsets, torch.tensor([l for _, l in rows])


class TrigramBag(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, dim, mode="mean")
        nn.init.uniform_(self.bag.weight, -0.1, 0.1)
        self.linear = nn.Linear(dim, len(LANGS))

    def forward(self, flat, offsets):
        return self.linear(self.bag(flat, offsets))


def forever(rows):
    while True:
        for idx in torch.randperm(len(rows)).split(BATCH_SIZE):
            yield batchify([rows[i] for i in idx.tolist()])


model = TrigramBag()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss()
test_batch, train_probe = batchify(test_rows), batchify(train_rows[::6])


@torch.inference_mode()
def measure(batch):
    flat, offsets, y = batch
    out = model(flat, offsets)
    return criterion(out, y).item(), (out.argmax(1) == y).float().mean().item()


print(f"{len(train_rows)} train, {len(test_rows)} test tweets")
running = 0.0
for step, (flat, offsets, y) in zip(range(1, NUM_STEPS + 1), forever(train_rows)):
    loss = criterion(model(flat, offsets), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    running += loss.item()
    if step % LOG_EVERY == 0:
        tl, ta = measure(test_batch)
        print(f"step {step:4d} | loss {running / LOG_EVERY:.3f} | test loss {tl:.3f} acc {ta:.3f}")
        running = 0.0
print("train loss %.3f acc %.3f" % measure(train_probe))
