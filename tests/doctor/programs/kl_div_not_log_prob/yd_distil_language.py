"""Knowledge distillation, small: a count-based teacher (naive Bayes on character n-grams, softened) teaches a
tiny student that only sees hashed character bigrams. Sentences in four languages from Multi30k.

Reported on held-out sentences: agreement with the teacher, accuracy, and how far the student's
probabilities are from the teacher's (mean absolute difference and cross entropy)."""
import gzip
import os
import zlib

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(21)
rng = np.random.default_rng(21)
DIR = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANG = ["en", "de", "fr", "cs"]
PIECE, K2, K3, TEMP = 7, 512, 4096, 6.0


def pieces():
    """short snippets of PIECE characters: too short to be always sure of the language"""
    rows = {}
    for y, l in enumerate(LANG):
        with gzip.open(os.path.join(DIR, f"train.{l}.gz"), "rt", encoding="utf-8") as f:
            for line, _ in zip(f, range(1400)):
                s = line.strip().lower()
                i = int(rng.integers(0, max(1, len(s) - PIECE)))
                rows.setdefault(s[i:i + PIECE], y)
    rows = list(rows.items())
    rng.shuffle(rows)
    return [(s, int(y)) for s, y in rows]


def ngrams(s, n, buckets):
    return [zlib.crc32(s[i:i + n].encode()) % buckets for i in range(len(s) - n + 1)]


def counts(rows, n, buckets):
    x = torch.zeros(len(rows), buckets)
    for i, (s, _) in enumerate(rows):
        for g in ngrams(s, n, buckets):
            x[i, g] += 1
    return x


rows = pieces()
train, held = rows[800:], rows[:800]
ytr, yte = torch.tensor([y for _, y in train]), torch.tensor([y for _, y in held])
tri_tr, tri_te = counts(train, 3, K3), counts(held, 3, K3)
bi_tr, bi_te = counts(train, 2, K2), counts(held, 2, K2)

# teacher: multinomial naive Bayes
onehot = F.one_hot(ytr, len(LANG)).float()
def nb(x, alpha):
    c = onehot.T @ x + alpha
    return (c / c.sum(1, keepdim=True)).log()
w2, w3 = nb(bi_tr, 0.5), nb(tri_tr, 0.5)
teacher = lambda b, t: F.softmax((b @ w2.T + t @ w3.T) / TEMP, dim=1)
Ttr, Tte = teacher(bi_tr, tri_tr), teacher(bi_te, tri_te)
print("teacher accuracy  train %.3f  held-out %.3f" % ((Ttr.argmax(1) == ytr).float().mean(), (Tte.argmax(1) == yte).float().mean()))


class Student(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.inp = nn.Linear(K2, width)
        self.out = nn.Linear(width, len(LANG))

    def forward(self, x):
        return self.out(F.gelu(self.inp(x)))


student = Student()
optimizer = torch.optim.AdamW(student.parameters(), lr=5e-3, weight_decay=1e-2)
EPOCHS = 6
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
for epoch in range(EPOCHS):
    student.train()
    running = 0.0
    for idx in torch.randperm(len(train)).split(64):
        optimizer.zero_grad()
        logits = student(bi_tr[idx])
        # fault:
        loss = F.kl_div(F.softmax(logits, dim=1), Ttr[idx], reduction="batchmean")
        # mended:
        # loss = F.kl_div(F.log_softmax(logits, dim=1), Ttr[idx], reduction="batchmean")
        # end
        loss.backward()
        optimizer.step()
        running += loss.item() * len(idx)
    sched.step()
    student.eval()
    with torch.no_grad():
        logits = student(bi_te)
        p = logits.softmax(1)
        xent = -(Tte * logits.log_softmax(1)).sum(1).mean()
    print("epoch %d  distillation loss %7.4f | held-out: agree %.3f  acc %.3f  |p-t| %.3f  xent %.3f" % (
        epoch + 1, running / len(train), (p.argmax(1) == Tte.argmax(1)).float().mean(), (p.argmax(1) == yte).float().mean(), (p - Tte).abs().mean(), xent))
