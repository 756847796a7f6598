#!/usr/bin/env python
"""fastText-style guess of the corpus that a sentence's opening comes from: hashed word uni/bigrams and character 4-grams, flattened batches with offsets,
sparse SGD with linear decay. No vocabulary is ever built."""
import gzip
import itertools
import os
import random
import re
import zlib
from array import array

import torch
from torch import nn

BUCKETS = 1 << 16
DIM = 12


def h(s):
    return zlib.crc32(s.encode("utf8")) % BUCKETS


def features(sentence):
    toks = sentence.split()
    for t in toks:
        yield h("w=" + t)
        if len(t) > 5:
            b = f"<{t}>"
            for i in range(len(b) - 3):
                yield h("c=" + b[i:i + 4])
    for a, b in zip(["<s>"] + toks, toks + ["</s>"]):
        yield h("b=" + a + "_" + b)


class Corpus:
    """CSR-like storage: one long array and the row starts."""

    def __init__(self, rows):
        flat, start, labels = array("l"), array("l", [0]), array("l")
        for text, lab in rows:
            flat.extend(features(text))
            start.append(len(flat))
            labels.append(lab)
        self.flat = torch.tensor(flat)
        self.start = torch.tensor(start)
        self.y = torch.tensor(labels)

    def __len__(self):
        return len(self.y)

    def batch(self, idx):
        lens = self.start[idx + 1] - self.start[idx]
        offs = lens.cumsum(0) - lens
        pos = torch.arange(int(lens.sum())) - offs.repeat_interleave(lens) + self.start[idx].repeat_interleave(lens)
        return self.flat[pos], offs, self.y[idx]


SOURCES = ["corpora/brown.txt.gz", "seq2seq/multi30k/train.en.gz", "corpora/wikitext-2.test.txt.gz",
           "sentiment/MR/rt-polarity.pos"]


def read(per_class, rng):
    rows = []
    for k, name in enumerate(SOURCES):
        p = os.path.join(os.environ["WORDFIT_DATA"], name)
        opener = gzip.open if p.endswith(".gz") else open
        # the review file is Latin-1, all the others are UTF-8
        with opener(p, "rt", encoding="utf-8" if p.endswith(".gz") else "latin-1") as fh:
            lines = [re.findall(r"[a-z']+", l.lower()) for l in itertools.islice(fh, 5000)]
        lines = list({" ".join(l[:12]) for l in lines if len(l) >= 8})   # openings only, no punctuation to give it away
        rows += [(l, k) for l in rng.sample(sorted(lines), per_class)]
    rng.shuffle(rows)
    return rows


def main():
    torch.manual_seed(5)
    rows = read(1150, random.Random(8))
    train, dev = Corpus(rows[600:]), Corpus(rows[:600])
    bag = nn.EmbeddingBag(BUCKETS, DIM, mode="mean", sparse=True)
    nn.init.uniform_(bag.weight, -1 / DIM, 1 / DIM)
    out = nn.Linear(DIM, len(SOURCES))
    nn.init.zeros_(out.weight)          # as in the original C++ code
    nn.init.zeros_(out.bias)
    params = list(bag.parameters()) + list(out.parameters())
    epochs, bs, lr0 = 4, 8, 3.0
    opt = torch.optim.SGD(params, lr=lr0)
    ce = nn.CrossEntropyLoss()
    steps, total = 0, epochs * -(-len(train) // bs)
    for ep in range(1, epochs + 1):
        s = n = ok = 0
        for idx in torch.randperm(len(train)).split(bs):
            for gr in opt.param_groups:
                gr["lr"] = lr0 * (1 - steps / total)
            flat, offs, y = train.batch(idx)
            z = out(bag(flat, offs))
            loss = ce(z, y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            steps += 1
            s += float(loss.detach()) * len(y); n += len(y); ok += int((z.argmax(1) == y).sum())
        with torch.no_grad():
            flat, offs, y = dev.batch(torch.arange(len(dev)))
            z = out(bag(flat, offs))
            print(f"{ep}\ttrain {s / n:.4f} / {ok / n:.3f}\tdev {ce(z, y):.4f} / {(z.argmax(1) == y).float().mean():.3f}")


main()
