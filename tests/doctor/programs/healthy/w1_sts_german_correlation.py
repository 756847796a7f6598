"""German STS: every character n-gram gets one learned weight; similarity is a weighted cosine of counts, trained on the (negative) correlation with the scores of a batch."""
import csv
import gzip
import os
import random
import zlib
from collections import Counter

import torch

torch.manual_seed(139)
random.seed(139)
BASE = os.path.join(os.environ["WORDFIT_DATA"], "glue", "STS-B-multilingual")
BUCKETS = 6000


def load(part, limit):
    with gzip.open(f"{BASE}/stsb-de-{part}.csv.gz", "rt", encoding="utf-8", newline="") as f:
        rows = [(a.lower(), b.lower(), float(s)) for a, b, s in csv.reader(f)]
    random.shuffle(rows)
    return rows[:limit]


def counts(text):
    text = f" {text} "
    return Counter(zlib.crc32(text[i:i + n].encode()) % BUCKETS for n in (3, 4) for i in range(len(text) - n + 1))


def sparse(rows):
    """the n-grams of a pair as triples (row, bucket, a*b), (row, bucket, a*a), (row, bucket, b*b)"""
    r, g, ab, aa, bb = [], [], [], [], []
    for i, (a, b, _) in enumerate(rows):
        ca, cb = counts(a), counts(b)
        for k in ca.keys() | cb.keys():
            r.append(i), g.append(k), ab.append(float(ca[k] * cb[k])), aa.append(float(ca[k] ** 2)), bb.append(float(cb[k] ** 2))
    return torch.tensor(r), torch.tensor(g), torch.tensor([ab, aa, bb]), torch.tensor([s for *_, s in rows])


def similarity(log_weight, data):
    r, g, products, score = data
    sums = torch.zeros(3, len(score)).index_add(1, r, products * log_weight[g].exp())
    return sums[0] / (sums[1] * sums[2]).clamp_min(1e-6).sqrt()


def correlation(a, b):
    a, b = a - a.mean(), b - b.mean()
    return (a * b).sum() / (a.norm() * b.norm() + 1e-8)


train, dev = load("train", 3000), load("dev", 800)
batches = [sparse(train[k:k + 100]) for k in range(0, len(train), 100)]
held = sparse(dev)
log_weight = torch.zeros(BUCKETS, requires_grad=True)
opt = torch.optim.Adam([log_weight], lr=0.02)
with torch.no_grad():
    print(f"equal weights: dev correlation {correlation(similarity(log_weight, held), held[3]):.4f}")
for epoch in range(12):
    random.shuffle(batches)
    total = 0.0
    for data in batches:
        loss = -correlation(similarity(log_weight, data), data[3])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    if epoch % 3 == 2:
        with torch.no_grad():
            print(f"epoch {epoch + 1}: objective {total / len(batches):.4f} dev correlation {correlation(similarity(log_weight, held), held[3]):.4f}")
