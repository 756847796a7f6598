#!/usr/bin/env python3
"""Positive-unlabelled learning (Kiryo et al. 2017): a few hundred known newswire snippets plus a pile of
unlabelled text of which we only know that about 40 % is newswire.  The non-negative risk estimator is used:
whenever the negative part of the risk falls below zero a step is made to raise it again."""
import gzip
import itertools
import os
import re

import numpy as np
import torch

D = os.environ["WORDFIT_DATA"]
PRIOR = 0.4
gen = torch.Generator().manual_seed(3)
torch.manual_seed(3)
rs = np.random.default_rng(3)


def glove(path):
    table = {}
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for line in itertools.islice(fh, 6000):
            word, *nums = line.rstrip().split(" ")
            table[word] = np.array(nums, dtype=np.float32)
    return table


def snippets(name, n, width=14):
    """n pieces of `width` words, at most one per paragraph so that no story comes back"""
    out = []
    with gzip.open(f"{D}/corpora/{name}", "rt", encoding="utf-8") as fh:
        raw = fh.read(2_500_000)
    for block in raw.split("\n\n" if "reuters" in name else "\n"):
        words = re.findall(r"[a-z]+", re.sub(r"<[^>]+>|``|''", " ", block[:400].lower()))
        if len(words) >= width + 6:
            out.append(words[6:6 + width])
        if len(out) == n:
            return out
    raise ValueError(f"{name}: only {len(out)} snippets")


vec = glove(f"{D}/vectors/glove.6B.50d.top10361.txt.gz")


def features(rows):
    m = []
    for r in rows:
        known = [vec[w] for w in r if w in vec]
        m.append(np.mean(known, axis=0) if known else np.zeros(50, np.float32))
    return torch.from_numpy(np.stack(m))


news = snippets("reuters-21578-bodies.txt.gz", 2600)
other = snippets("imdb-unsup-25k.txt.gz", 1500) + snippets("brown.txt.gz", 1200)
rs.shuffle(news)
rs.shuffle(other)
news, other = features(news), features(other)

labelled = news[:600]
n_u = 2400
unl = torch.cat([news[600:600 + int(PRIOR * n_u)], other[:int((1 - PRIOR) * n_u)]])
unl = unl[torch.randperm(len(unl), generator=gen)]
test_p, test_n = news[1600:2200], other[1500:2400]
mean, std = unl.mean(0), unl.std(0)
labelled, unl, test_p, test_n = [(t - mean) / std for t in (labelled, unl, test_p, test_n)]

g = torch.nn.Sequential(torch.nn.Linear(50, 32), torch.nn.ReLU(), torch.nn.Dropout(0.3), torch.nn.Linear(32, 1))
opt = torch.optim.Adam(g.parameters(), lr=2e-3, weight_decay=1e-4)
surrogate = lambda z: torch.sigmoid(-z)  # noqa: E731  (the sigmoid loss of the paper)


def report(tag):
    g.eval()
    with torch.no_grad():
        tp = (g(test_p) > 0).float().mean().item()
        tn = (g(test_n) < 0).float().mean().item()
    print(f"{tag}: recall on news {tp:.3f}, on the rest {tn:.3f}, balanced accuracy {(tp + tn) / 2:.3f}")


report("before")
flips = 0
for epoch in range(10):
    g.train()
    total, k = 0.0, 0
    for iu in torch.randperm(len(unl), generator=gen).split(120):
        ip = torch.randint(len(labelled), (60,), generator=gen)
        zp, zu = g(labelled[ip]).squeeze(1), g(unl[iu]).squeeze(1)
        pos = PRIOR * surrogate(zp).mean()
        neg = surrogate(-zu).mean() - PRIOR * surrogate(-zp).mean()
        opt.zero_grad()
        if neg.item() < 0:
            flips += 1
            (-neg).backward()
        else:
            (pos + neg).backward()
        opt.step()
        total += (pos + neg.clamp(min=0)).item()
        k += 1
    print(f"epoch {epoch + 1:2d}  nnPU risk {total / k:.4f}")
print("steps with the negative part below zero:", flips)
report("after")
