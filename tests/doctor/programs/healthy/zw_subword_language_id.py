"""Language identification, the supervised mode of fastText rewritten in PyTorch.

hashed character n-grams (2..4), mean of the bucket vectors, one linear layer,
plain SGD whose rate falls linearly to zero over the tokens seen.
"""
import gzip
import os
import random
import zlib

import numpy as np
import torch
import torch.nn.functional as F

ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["cs", "de", "en", "fr"]
BUCKET, DIM, LR, EPOCH, MINN, MAXN = 20000, 10, 0.9, 4, 2, 3

random.seed(7)
torch.manual_seed(7)


def grams(word):
    w = "<" + word + ">"
    for n in range(MINN, MAXN + 1):
        for i in range(len(w) - n + 1):
            yield w[i:i + n]


def lookup(line, _cache={}):
    ids = []
    for word in line.lower().split():
        if word not in _cache:
            _cache[word] = [zlib.crc32(g.encode("utf-8")) % BUCKET for g in grams(word)]
        ids += _cache[word]
    return ids


def lines(split, lang):
    with gzip.open(f"{ROOT}/{split}.{lang}.gz", "rt", encoding="utf-8") as f:
        return [l.strip() for l in f if l.strip()]


# every language gets its own slice of the caption list, so that no caption is there in two languages
train, test = [], []
for k, lang in enumerate(LANGS):
    train += [(lookup(s), k) for s in lines("train", lang)[k * 700:(k + 1) * 700]]
    test += [(lookup(" ".join(s.split()[:4])), k) for s in lines("val", lang)[k * 200:(k + 1) * 200]]

wi = torch.empty(BUCKET, DIM).uniform_(-1 / DIM, 1 / DIM).requires_grad_()
wo = torch.zeros(len(LANGS), DIM, requires_grad=True)   # fastText starts the output matrix at zero


def score(rows):
    flat = torch.tensor([i for r, _ in rows for i in r])
    off = torch.tensor([0] + [len(r) for r, _ in rows[:-1]]).cumsum(0)
    return F.embedding_bag(flat, wi, off, mode="mean") @ wo.t()


total = sum(len(r) for r, _ in train) * EPOCH
seen = 0
for epoch in range(EPOCH):
    random.shuffle(train)
    run, steps = 0.0, 0
    for i in range(0, len(train), 16):
        rows = train[i:i + 16]
        gold = torch.tensor([y for _, y in rows])
        loss = F.cross_entropy(score(rows), gold, reduction="sum")
        gi, go = torch.autograd.grad(loss, (wi, wo))
        seen += sum(len(r) for r, _ in rows)
        lr = LR * (1 - seen / total)
        with torch.no_grad():
            wi -= lr * gi
            wo -= lr * go / 16
        run += loss.item() / len(rows)
        steps += 1
    with torch.no_grad():
        hit = np.mean([score(test[j:j + 100]).argmax(1).eq(torch.tensor([y for _, y in test[j:j + 100]])).float().mean().item()
                       for j in range(0, len(test), 100)])
    print(f"Progress {100 * seen / total:5.1f}%  lr {max(lr, 0):.4f}  avg.loss {run / steps:.4f}  P@1 (first four words) {hit:.3f}")
