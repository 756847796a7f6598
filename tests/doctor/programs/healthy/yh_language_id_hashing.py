"""Which language is this tweet in?  Hashed character n-grams, sparse gradients, two optimizers."""
import os
import zlib
from pathlib import Path

import torch
import torch.nn as nn
from sklearn.metrics import f1_score

torch.manual_seed(11)
BASE = Path(os.environ["WORDFIT_DATA"]) / "sentiment" / "umsab-multilingual"
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
BUCKETS = 1 << 15


def ngrams(text, lo=2, hi=3):
    text = "^" + text.lower()[:60] + "$"
    out = []
    for n in range(lo, hi + 1):
        out += [zlib.crc32(text[i:i + n].encode()) % BUCKETS for i in range(len(text) - n + 1)]
    return out


def clean(t):
    return " ".join(w for w in t.split() if w not in ("@user", "http") and not w.startswith("#"))


def load(split, limit):
    xs, ys, raw = [], [], []
    for k, lang in enumerate(LANGS):
        lines = (BASE / lang / f"{split}_text.txt").read_text(encoding="utf-8").split("\n")
        for t in lines[:limit]:
            t = clean(t)
            if len(t) > 10:
                raw.append(t); xs.append(ngrams(t)); ys.append(k)
    return xs, ys, raw


train_x, train_y, train_raw = load("train", 450)
test_x, test_y, test_raw = load("test", 150)
seen = set(test_raw)
keep = [i for i, t in enumerate(train_raw) if t not in seen]
train_x, train_y = [train_x[i] for i in keep], [train_y[i] for i in keep]
print(len(train_x), "train", len(test_x), "test")


def pack(xs):
    flat = torch.tensor([g for x in xs for g in x])
    off = torch.tensor([0] + [len(x) for x in xs[:-1]]).cumsum(0)
    return flat, off


table = nn.EmbeddingBag(BUCKETS, 16, mode="mean", sparse=True)
nn.init.uniform_(table.weight, -0.05, 0.05)
head = nn.Linear(16, len(LANGS))
opt_sparse = torch.optim.SparseAdam(table.parameters(), lr=0.02)
opt_dense = torch.optim.Adam(head.parameters(), lr=0.02)
criterion = nn.CrossEntropyLoss()

for epoch in range(4):
    order = torch.randperm(len(train_x)).tolist()
    total = 0.0
    for s in range(0, len(order), 50):
        idx = order[s:s + 50]
        logits = head(table(*pack([train_x[i] for i in idx])))
        loss = criterion(logits, torch.tensor([train_y[i] for i in idx]))
        for o in (opt_sparse, opt_dense):
            o.zero_grad()
        loss.backward()
        for o in (opt_sparse, opt_dense):
            o.step()
        total += loss.item() * len(idx)
    with torch.no_grad():
        pred = head(table(*pack(test_x))).argmax(1)
    acc = (pred == torch.tensor(test_y)).float().mean().item()
    print(f"[{epoch}] train loss {total / len(order):.3f}  test acc {acc:.3f}  "
          f"macro-F1 {f1_score(test_y, pred.numpy(), average='macro'):.3f}")
