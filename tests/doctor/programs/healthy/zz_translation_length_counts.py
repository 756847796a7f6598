"""How many words will the French translation have?  A count, modelled with a discretised logistic distribution whose
location is a plain sum over the English words (every word is worth so many French ones) and whose width is learned too."""
import gzip
import os
import random
import re
import zlib

import torch
import torch.nn.functional as F
from sklearn.metrics import mean_absolute_error, r2_score

random.seed(9)
torch.manual_seed(9)
SLOTS = 1 << 11

pairs = {}
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "tatoeba-fra-eng", "fra.txt.gz"), "rt", encoding="utf-8") as f:
    for k, line in enumerate(f):
        if k % 24 == 0:
            en, fr = line.rstrip("\n").split("\t")[:2]
            pairs[en.lower()] = len(re.findall(r"\w+", fr))      # one translation an English sentence
items = []
for en, n in pairs.items():
    ids = [zlib.crc32(w.encode()) % SLOTS for w in re.findall(r"[a-z]+", en)]
    if ids:
        items.append((ids, n))
random.shuffle(items)
train, dev = items[:-1000], items[-1000:]
print(len(train), "pairs to learn from; mean count %.2f" % (sum(n for _, n in train) / len(train)))

worth = torch.nn.EmbeddingBag(SLOTS, 1, mode="sum")
spread = torch.nn.EmbeddingBag(SLOTS, 1, mode="sum")
torch.nn.init.constant_(worth.weight, 0.5)
torch.nn.init.zeros_(spread.weight)
const = torch.nn.Parameter(torch.tensor([1.0, 0.0]))
params = [worth.weight, spread.weight, const]


def forward(rows):
    flat = torch.tensor([i for ids, _ in rows for i in ids])
    off = torch.tensor([0] + [len(ids) for ids, _ in rows[:-1]]).cumsum(0)
    n = torch.tensor([float(c) for _, c in rows])
    mu = worth(flat, off).squeeze(1) + const[0]
    log_s = spread(flat, off).squeeze(1) * 0.1 + const[1]
    return mu, log_s, n


def nll(mu, log_s, n):
    """-log of  sigma((n + 1/2 - mu) / s) - sigma((n - 1/2 - mu) / s), written so that nothing underflows"""
    inv = torch.exp(-log_s)
    hi, lo = (n + .5 - mu) * inv, (n - .5 - mu) * inv
    return -(F.logsigmoid(hi) + F.logsigmoid(-lo) + torch.log(-torch.expm1(-inv)))


optimizer = torch.optim.Adam(params, lr=0.015)
for epoch in range(6):
    random.shuffle(train)
    total = 0.0
    for k in range(0, len(train), 50):
        loss = nll(*forward(train[k:k + 50])).mean() + 1e-3 * (spread.weight ** 2).sum() * 0.01
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    optimizer.param_groups[0]["lr"] *= 0.65
    with torch.no_grad():
        mu, log_s, n = forward(dev)
        v = nll(mu, log_s, n).mean()
        mt, _, nt = forward(train[:1000])
    print("%d  nll %.4f  dev %.4f  R2 train %.3f  dev %.3f  MAE dev %.3f" % (
        epoch, total / (len(train) / 50), v, r2_score(nt, mt), r2_score(n, mu), mean_absolute_error(n, mu)))
