# Which language is this photo caption written in? (en / de / fr / cs, word level)
import argparse
import gzip
import os
from collections import Counter

import torch
import torch.nn as nn
from torch.utils.data import DataLoader

p = argparse.ArgumentParser()
p.add_argument("--data", default=os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k"))
p.add_argument("--epochs", type=int, default=7)
p.add_argument("--lr", type=float, default=5e-3)
p.add_argument("--max-words", type=int, default=1500)
p.add_argument("--seed", type=int, default=0)
args = p.parse_args()
torch.manual_seed(args.seed)
LANGS = ["en", "de", "fr", "cs"]


def read(split, limit):
    texts, labels = [], []
    for k, lang in enumerate(LANGS):
        with gzip.open(f"{args.data}/{split}.{lang}.gz", "rt", encoding="utf-8") as f:
            lines = [l.strip().lower().rstrip(".") for l in f][:limit]
        texts += lines
        labels += [k] * len(lines)
    return texts, labels


class Numericalizer:
    """the most frequent words get a number, all others are <unk>"""

    def __init__(self, max_words):
        self.max_words = max_words
        self.index = {}

    def fit(self, texts):
        counts = Counter(w for t in texts for w in t.split())
        self.index = {w: i + 2 for i, (w, _) in enumerate(counts.most_common(self.max_words))}
        return self

    def transform(self, texts):
        return [[self.index.get(w, 1) for w in t.split()] for t in texts]

    def fit_transform(self, texts):
        return self.fit(texts).transform(texts)


train_x, train_y = read("train", 600)
test_x, test_y = read("test_2016_flickr", 200)
seen = set(train_x)
test_x, test_y = map(list, zip(*[(t, y) for t, y in zip(test_x, test_y) if t not in seen]))

num = Numericalizer(args.max_words)
train_ids = num.fit_transform(train_x)
# fault:
test_ids = num.fit_transform(test_x)
# mended:
#test_ids = num.transform(test_x)
# end


def collate(rows):
    flat = torch.tensor([i for ids, _ in rows for i in ids])
    offsets = torch.tensor([0] + [len(ids) for ids, _ in rows][:-1]).cumsum(0)
    return flat, offsets, torch.tensor([y for _, y in rows])


train_dl = DataLoader(list(zip(train_ids, train_y)), batch_size=64, shuffle=True, collate_fn=collate)
train_eval_dl = DataLoader(list(zip(train_ids, train_y)), batch_size=400, collate_fn=collate)
test_dl = DataLoader(list(zip(test_ids, test_y)), batch_size=400, collate_fn=collate)

model = nn.ModuleDict({
    "bag": nn.EmbeddingBag(args.max_words + 2, 16, mode="mean"),
    "head": nn.Sequential(nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, len(LANGS))),
})


def forward(flat, offsets):
    return model["head"](model["bag"](flat, offsets))


def score(dl):
    model.eval()
    hit = n = 0
    total = 0.0
    with torch.no_grad():
        for flat, offsets, y in dl:
            out = forward(flat, offsets)
            total += nn.functional.cross_entropy(out, y, reduction="sum").item()
            hit += (out.argmax(1) == y).sum().item()
            n += len(y)
    return total / n, hit / n


optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr)
for epoch in range(args.epochs):
    model.train()
    for flat, offsets, y in train_dl:
        loss = nn.functional.cross_entropy(forward(flat, offsets), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    a, b = score(train_eval_dl), score(test_dl)
    print(f"epoch {epoch}: train {a[0]:.3f} / {a[1]:.3f}   test {b[0]:.3f} / {b[1]:.3f}")
print("test accuracy", round(score(test_dl)[1], 4), "of", len(test_y), "captions")
