#!/usr/bin/env python3
"""Claim screening, about 8 % suspicious. Hashed words, weights updated by hand, weighted loss, AUC + balanced accuracy."""
import random
import zlib
import torch
from sklearn.metrics import roc_auc_score, balanced_accuracy_score, average_precision_score

random.seed(17)
torch.manual_seed(17)
SUSPECT = "cash receipt-lost twice brand-new witness-gone abroad weekend no-police burnt-out urgent-payout same-address lawyer".split()
PLAIN = "hail rear-end parking deer garage glass scratch invoice workshop photo police-report neighbour".split()
REST = "car damage claim policy customer wrote date amount street insured estimate call letter agent file".split()


def claim():
    y = int(random.random() < .08)
    a, b = (SUSPECT, PLAIN) if y else (PLAIN, SUSPECT)
    w = random.choices(a, k=random.randint(3, 5)) + random.choices(REST, k=random.randint(4, 9))
    if random.random() < .5:
        w += random.choices(b, k=1)
    random.shuffle(w)
    return " ".join(w), y


seen = {}
while len(seen) < 5000:
    t, y = claim()
    seen.setdefault(t, y)
claims = list(seen.items())
BITS = 1 << 9


def features(text):
    return torch.tensor(sorted({zlib.adler32(w.encode()) * 2654435761 % 2 ** 32 % BITS for w in text.split()}))


feats = [features(t) for t, _ in claims]
y = torch.tensor([float(v) for _, v in claims])
n = 4000
flat_len = torch.tensor([len(f) for f in feats])
W = torch.zeros(BITS, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
pos_w = (y[:n] == 0).sum() / (y[:n] == 1).sum()
print("share of suspicious claims %.3f, weight %.1f" % (y[:n].mean(), pos_w))
lossf = torch.nn.BCEWithLogitsLoss(pos_weight=pos_w)


def scores(ids):
    f = torch.cat([feats[i] for i in ids])
    off = torch.cumsum(flat_len[ids], 0) - flat_len[ids]
    return torch.nn.functional.embedding_bag(f, W, off, mode="sum").squeeze(1) + b


lr, l2 = .1, 1e-3
for epoch in range(6):
    total = 0
    for ids in torch.randperm(n).split(40):
        loss = lossf(scores(ids), y[ids]) + l2 * (W ** 2).sum()
        gW, gb = torch.autograd.grad(loss, [W, b])
        with torch.no_grad():
            W -= lr * gW
            b -= lr * gb
        total += loss.item() * len(ids)
    lr *= .8
    with torch.no_grad():
        s, st = scores(torch.arange(n, 5000)), scores(torch.arange(n))
    print("epoch %d loss %.3f | AUC train %.3f dev %.3f | AP %.3f | balanced acc %.3f" % (
        epoch, total / n, roc_auc_score(y[:n], st), roc_auc_score(y[n:], s), average_precision_score(y[n:], s),
        balanced_accuracy_score(y[n:], s > 0)))
