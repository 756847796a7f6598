#!/usr/bin/env python3
"""Register of a snippet (newswire / encyclopedia / film talk) from 420 labelled rows.

Few rows, so: frozen GloVe, one small layer on the average, heavy dropout and decay, label smoothing, 5-fold ensemble.
Snippets are 25 known words.
"""
import gzip
import os
import re
from pathlib import Path

import numpy as np
import torch
from torch import nn

DATA = Path(os.environ["WORDFIT_DATA"])
torch.manual_seed(1)
rng = np.random.default_rng(1)


def read_glove(path):
    words, rows = {}, []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            parts = line.rstrip().split(" ")
            words[parts[0]] = len(rows)
            rows.append(np.array(parts[1:], dtype=np.float32))
    return words, torch.from_numpy(np.stack(rows))


word_id, glove = read_glove(DATA / "vectors" / "glove.6B.100d.top2604.txt.gz")


def snippets(name, n_train, n_test):
    """training snippets from the first part of the collection, test snippets from the last: no shared documents"""
    with gzip.open(DATA / "corpora" / name, "rt", encoding="utf-8") as f:
        text = f.read(500_000).lower()
    picks = []
    for part, n in ((text[:330_000], n_train), (text[360_000:], n_test)):
        ids = [word_id[w] for w in re.findall(r"[a-z]+|[,.]", part) if w in word_id]
        blocks = [ids[i:i + 25] for i in range(0, len(ids) - 25, 25)]
        picks.append([blocks[i] for i in rng.choice(len(blocks), n, replace=False)])
    return picks


N_TRAIN, N_TEST = 140, 200
X, y, Xt, yt = [], [], [], []
for k, name in enumerate(["reuters-21578-bodies.txt.gz", "enwiki-2018-sample.txt.gz", "imdb-unsup-25k.txt.gz"]):
    a, b = snippets(name, N_TRAIN, N_TEST)
    X += a
    Xt += b
    y += [k] * N_TRAIN
    yt += [k] * N_TEST
X, y, Xt, yt = map(torch.tensor, (X, y, Xt, yt))         # all snippets are equally long
print("rows:", tuple(X.shape), "test:", tuple(Xt.shape))


class Register(nn.Module):
    def __init__(self):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(glove)      # frozen
        self.body = nn.Sequential(nn.Dropout(0.3), nn.Linear(100, 12), nn.Tanh(), nn.Dropout(0.4), nn.Linear(12, 3))

    def forward(self, ids):
        return self.body(self.lookup(ids).mean(dim=1))


def accuracy(logits, target):
    return (logits.argmax(-1) == target).float().mean().item()


def fit(tr, va):
    model = Register()
    opt = torch.optim.AdamW(filter(lambda p: p.requires_grad, model.parameters()), lr=0.01, weight_decay=0.3)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    best, state, bad = float("inf"), None, 0
    for epoch in range(60):
        model.train()
        for idx in tr[torch.randperm(len(tr))].split(28):
            opt.zero_grad()
            criterion(model(X[idx]), y[idx]).backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            v = criterion(model(X[va]), y[va]).item()
        if v < best - 1e-3:
            best, bad = v, 0
            state = {n: p.clone() for n, p in model.state_dict().items()}
        else:
            bad += 1
            if bad == 5:
                break
    model.load_state_dict(state)
    return model.eval(), epoch + 1


members = []
fold_of = torch.arange(len(X)) % 5                        # rows lie class by class, so every fold has 28 of each
for fold in range(5):
    tr, va = (fold_of != fold).nonzero().flatten(), (fold_of == fold).nonzero().flatten()
    model, epochs = fit(tr, va)
    members.append(model)
    with torch.no_grad():
        print(f"fold {fold}: {epochs} epochs, train {accuracy(model(X[tr]), y[tr]):.3f} "
              f"held-out fold {accuracy(model(X[va]), y[va]):.3f} test {accuracy(model(Xt), yt):.3f}")

with torch.no_grad():
    vote = torch.stack([m(Xt).log_softmax(-1) for m in members]).mean(0)
print(f"ensemble of {len(members)}: test accuracy {accuracy(vote, yt):.3f} (chance 0.333)")
