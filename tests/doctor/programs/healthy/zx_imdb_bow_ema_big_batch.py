#!/usr/bin/env python
"""IMDB with a 6-wide embedding bag. Batches of 2000 documents, words dropped from the training texts,
an exponential moving average of the weights is what gets evaluated."""
import collections
import gzip
import os
import re

import numpy as np
import torch

SEED, DIM, VOCAB, DROP, BATCH, STEPS, DECAY = 5, 4, 2500, 0.5, 2000, 64, 0.9
rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)
word = re.compile(r"[a-z']+")


def docs(part, per_class):
    n = collections.Counter()
    with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "imdb", part + ".tsv.gz"), "rt", encoding="utf-8") as f:
        next(f)
        for line in f:
            label, _, _, text = line.rstrip("\n").split("\t", 3)
            if n[label] < per_class:
                n[label] += 1
                yield word.findall(text.lower()[-700:]), int(label)


train, test = list(docs("train", 4000)), list(docs("test", 1000))
counts = collections.Counter(w for d, _ in train for w in set(d))
index = {w: i for i, (w, _) in enumerate(counts.most_common(VOCAB))}


def encode(data):
    ids = [np.array([index[w] for w in d if w in index] or [0]) for d, _ in data]
    return ids, torch.tensor([y for _, y in data], dtype=torch.float32)


def pack(ids, p=0.0):
    if p:
        # every document keeps at least one word
        ids = [k if len(k) else i[:1] for i in ids for k in [i[rng.random(len(i)) >= p]]]
    offs = np.cumsum([0] + [len(i) for i in ids[:-1]])
    return torch.from_numpy(np.concatenate(ids)), torch.from_numpy(offs)


class Bag(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.words = torch.nn.EmbeddingBag(VOCAB, DIM, mode="mean")
        torch.nn.init.normal_(self.words.weight, std=0.1)
        self.out = torch.nn.Linear(DIM, 1)

    def forward(self, flat, offsets):
        return self.out(self.words(flat, offsets))[:, 0]


Xtr, ytr = encode(train)
Xte, yte = encode(test)
model, shadow = Bag(), Bag()
shadow.load_state_dict(model.state_dict())
shadow.requires_grad_(False).eval()
opt = torch.optim.Adam(model.parameters(), lr=0.06)
loss_fn = torch.nn.BCEWithLogitsLoss()
test_pack, fit_pack = pack(Xte), pack(Xtr[::4])


def evaluate():
    res = []
    for (flat, off), y in ((fit_pack, ytr[::4]), (test_pack, yte)):
        with torch.no_grad():
            z = shadow(flat, off)
        res += [loss_fn(z, y).item(), ((z > 0) == (y > 0.5)).float().mean().item()]
    return res


queue = []
for step in range(1, STEPS + 1):
    if not queue:
        queue = list(np.array_split(rng.permutation(len(Xtr)), len(Xtr) // BATCH))
    rows = queue.pop()
    for g in opt.param_groups:
        g["lr"] = 0.06 * 0.5 * (1 + np.cos(np.pi * step / STEPS))
    loss = loss_fn(model(*pack([Xtr[r] for r in rows], DROP)), ytr[rows])
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        d = min(DECAY, (1 + step) / (10 + step))
        for s, p in zip(shadow.parameters(), model.parameters()):
            s.mul_(d).add_(p, alpha=1 - d)
    if step % 16 == 0:
        print("step %3d  batch loss %.3f | averaged weights: train loss %.3f acc %.3f  test loss %.3f acc %.3f" % (step, loss.item(), *evaluate()))
