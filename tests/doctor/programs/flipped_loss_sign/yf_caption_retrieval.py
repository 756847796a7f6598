"""Dual encoder EN -> DE on Multi30k captions: find the German caption among 400 candidates.

Bag-of-words towers, in-batch negatives, learnable temperature.
"""
import gzip
import os
import re
from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(12)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def read(part, lang, n):
    with gzip.open(f"{ROOT}/{part}.{lang}.gz", "rt", encoding="utf-8") as f:
        return [re.findall(r"\w+", next(f).lower()) for _ in range(n)]


N = 4000
train = {l: read("train", l, N) for l in ("en", "de")}
valid = {l: read("val", l, 400) for l in ("en", "de")}


def table(texts):
    c = Counter(w for t in texts for w in t)
    return {w: i + 1 for i, (w, k) in enumerate(c.most_common()) if k >= 3}


vocab = {l: table(train[l]) for l in train}


def ids(texts, lang):
    v = vocab[lang]
    rows = [[v.get(w, 0) for w in t] or [0] for t in texts]     # row 0 stands for rare words
    off = torch.tensor([0] + [len(r) for r in rows[:-1]]).cumsum(0)
    return torch.tensor([i for r in rows for i in r]), off


class Tower(nn.Module):
    def __init__(self, n, d=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(n + 1, d, mode="mean")

    def forward(self, flat, off):
        return F.normalize(self.bag(flat, off), dim=-1)


class DualEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.en, self.de = Tower(len(vocab["en"])), Tower(len(vocab["de"]))
        self.scale = nn.Parameter(torch.tensor(2.5))

    def similarity(self, en, de):
        return self.scale.clamp(max=4.0).exp() * self.en(*ids(en, "en")) @ self.de(*ids(de, "de")).T


model = DualEncoder()
opt = torch.optim.Adam(model.parameters(), lr=0.02)
EPOCHS = 3
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)


def recall():
    model.eval()
    with torch.no_grad():
        s = model.similarity(valid["en"], valid["de"])
    rank = (s > s.diag().unsqueeze(1)).sum(1)
    return (rank < 1).float().mean().item(), (rank < 10).float().mean().item()


print("before training: R@1 %.3f R@10 %.3f" % recall())
for epoch in range(EPOCHS):
    model.train()
    run, nb = 0.0, 0
    for ix in torch.randperm(N).split(100):
        s = model.similarity([train["en"][i] for i in ix], [train["de"][i] for i in ix])
        # fault:
        loss = 0.5 * (s.log_softmax(1).diag().mean() + s.log_softmax(0).diag().mean())
        # mended:
        # loss = -0.5 * (s.log_softmax(1).diag().mean() + s.log_softmax(0).diag().mean())
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
        run, nb = run + loss.item(), nb + 1
    sched.step()
    print(f"epoch {epoch + 1}: loss {run / nb:.4f}  valid R@1 %.3f  R@10 %.3f" % recall())
