#!/usr/bin/env python3
"""langid in 80 lines: hashed character n-grams, fastText-like linear model.

Hash buckets instead of a vocabulary, sparse gradients, SparseAdam on the table.
"""
import os
import re
import sys
import time
import zlib
from collections import defaultdict

import torch
import torch.nn as nn

LANGS = ["english", "french", "german", "italian", "portuguese", "spanish", "arabic"]
BUCKETS, DIM, NGRAMS = 2 ** 14, 8, (1, 2, 3)
torch.manual_seed(99)


def clean(s):
    s = re.sub(r"https?\S+|@\w+|#|\d+", " ", s)
    return re.sub(r"\s+", " ", s).strip().lower()


def featurise(s):
    s = "^" + s[:60] + "$"
    return [zlib.crc32(s[i:i + n].encode()) % BUCKETS for n in NGRAMS for i in range(len(s) - n + 1)]


def corpus(split, limit):
    folder = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
    data = []
    for k, lang in enumerate(LANGS):
        lines = open(os.path.join(folder, lang, split + "_text.txt"), encoding="utf-8").read().split("\n")
        lines = [c for c in map(clean, lines) if len(c) > 15]
        data += [(c, k) for c in lines[:limit]]
    return data


def batches(data, size, shuffle):
    order = torch.randperm(len(data)).tolist() if shuffle else range(len(data))
    order = list(order)
    for i in range(0, len(order), size):
        chunk = [data[j] for j in order[i:i + size]]
        flat, offsets = [], []
        for f, _ in chunk:
            offsets.append(len(flat))
            flat.extend(f)
        yield torch.tensor(flat), torch.tensor(offsets), torch.tensor([k for _, k in chunk])


def main():
    t0 = time.time()
    train = corpus("train", 450)
    have = {c for c, _ in train}
    test = [(c, k) for c, k in corpus("test", 250) if c not in have]
    train = [(featurise(c), k) for c, k in train]
    test_f = [(featurise(c), k) for c, k in test]
    print(f"{len(train)} train / {len(test)} test tweets, {time.time() - t0:.1f}s", file=sys.stderr)

    table = nn.EmbeddingBag(BUCKETS, DIM, mode="mean", sparse=True)
    nn.init.uniform_(table.weight, -1 / DIM, 1 / DIM)
    out = nn.Linear(DIM, len(LANGS))
    opt_t = torch.optim.SparseAdam(table.parameters(), lr=0.03)
    opt_o = torch.optim.Adam(out.parameters(), lr=0.03)
    ce = nn.CrossEntropyLoss()

    for epoch in range(5):
        for o in (opt_t, opt_o):                       # halve from epoch 3 on
            for grp in o.param_groups:
                grp["lr"] = 0.03 * (0.5 ** max(0, epoch - 2))
        tot = seen = 0
        for flat, off, y in batches(train, 32, True):
            loss = ce(out(table(flat, off)), y)
            opt_t.zero_grad()
            opt_o.zero_grad()
            loss.backward()
            opt_t.step()
            opt_o.step()
            tot += loss.item() * len(y)
            seen += len(y)
        with torch.no_grad():
            hits, per = 0, defaultdict(lambda: [0, 0])
            for flat, off, y in batches(test_f, 400, False):
                pred = out(table(flat, off)).argmax(1)
                hits += (pred == y).sum().item()
                for a, b in zip(pred.tolist(), y.tolist()):
                    per[b][0] += a == b
                    per[b][1] += 1
        print(f"epoch {epoch}  loss {tot / seen:.4f}  test accuracy {hits / len(test_f):.4f}")
    print("  ".join(f"{LANGS[k][:2]} {a / n:.3f}" for k, (a, n) in sorted(per.items())))


if __name__ == "__main__":
    main()
