#!/usr/bin/env python
"""Accents for French typed on an English keyboard: every vowel (and c) gets one of six marks."""
import gzip, os, random, unicodedata
from types import SimpleNamespace as NS

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

cfg = NS(n_train=3600, n_dev=300, dim=16, hidden=80, batch=60, epochs=4, lr=6e-3, seed=5)
random.seed(cfg.seed); torch.manual_seed(cfg.seed)
MARKS = {"": 0, "\u0301": 1, "\u0300": 2, "\u0302": 3, "\u0327": 4, "\u0308": 5}
CHARS = {c: i + 1 for i, c in enumerate(" abcdefghijklmnopqrstuvwxyz'-.,?!#")}     # 0 is the padding, # is anything else


def split_marks(s):
    """'été' -> 'ete', [1, -100, 1]"""
    base, marks = [], []
    for c in unicodedata.normalize("NFC", s.lower()):
        d = unicodedata.normalize("NFD", c)
        base.append(d[0])
        marks.append(MARKS.get(d[1:], -100) if d[0] in "aeiouc" else -100)
    return torch.tensor([CHARS.get(c, CHARS["#"]) for c in base]), torch.tensor(marks)


with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/tatoeba-fra-eng/fra.txt.gz"), "rt", encoding="utf-8") as f:
    french = list(dict.fromkeys(l.rstrip("\n").split("\t")[1] for l in f))
french = [s for s in french if 15 <= len(s) <= 40]
random.shuffle(french)
data = [split_marks(s) for s in french[:cfg.n_train + cfg.n_dev]]
train, dev = data[:cfg.n_train], data[cfg.n_train:]


class Marker(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(CHARS) + 1, cfg.dim, padding_idx=0)
        self.c1 = nn.Conv1d(cfg.dim, cfg.hidden, 7, padding=3)
        self.out = nn.Linear(cfg.hidden, len(MARKS))

    def forward(self, x):
        return self.out(torch.relu(self.c1(self.emb(x).transpose(1, 2))).transpose(1, 2))


def batches(rows):
    for i in range(0, len(rows), cfg.batch):
        x, y = zip(*rows[i:i + cfg.batch])
        yield pad_sequence(x, batch_first=True), pad_sequence(y, batch_first=True, padding_value=-100)


def score(rows):
    model.eval()
    tp = said = true = right = n = 0
    with torch.no_grad():
        for x, y in batches(rows):
            p, keep = model(x).argmax(-1), y != -100
            right += (p == y)[keep].sum().item(); n += keep.sum().item()
            tp += ((p == y) & (y > 0)).sum().item()
            said += ((p > 0) & keep).sum().item(); true += (y > 0).sum().item()
    return right / n, 1 - true / n, 2 * tp / (said + true)


model = Marker()
crit = nn.CrossEntropyLoss(ignore_index=-100)
opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
sch = torch.optim.lr_scheduler.ExponentialLR(opt, 0.5)
for ep in range(1, cfg.epochs + 1):
    model.train()
    random.shuffle(train)
    tot = 0.0
    for k, (x, y) in enumerate(batches(train), 1):
        loss = crit(model(x).flatten(0, 1), y.flatten())
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item()
    sch.step()
    print("epoch %d  loss %.4f  dev accuracy %.4f (no marks at all %.4f)  F of the marks %.3f" % (ep, tot / k, *score(dev)))
print("train: accuracy %.4f (%.4f) F %.3f" % score(train[:600]))
