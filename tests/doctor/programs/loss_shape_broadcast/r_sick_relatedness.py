#!/usr/bin/env python3
"""Sentence relatedness (SICK, 1..5) from fixed word vectors. Report: Pearson and MSE, as in the SemEval task."""
import csv
import gzip
import os
import re
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(3)
root = Path(os.environ["WORDFIT_DATA"])


def vectors(path):
    for line in gzip.open(path, "rt", encoding="utf8"):
        word, rest = line.split(" ", 1)
        yield word, np.fromstring(rest, sep=" ", dtype=np.float32)


glove = dict(vectors(root / "vectors" / "glove.6B.50d.top10361.txt.gz"))


def bag(sentence):
    toks = [t for t in re.findall(r"[a-z']+", sentence.lower()) if t in glove]
    v = np.mean([glove[t] for t in toks], 0) if toks else np.zeros(50, np.float32)
    return v, set(toks)


def featurise(name, limit=None):
    feats, gold = [], []
    for r in csv.DictReader(open(root / "glue" / "SICK" / name, encoding="utf8"), delimiter="\t", quoting=csv.QUOTE_NONE):
        (a, ta), (b, tb) = bag(r["sentence_A"]), bag(r["sentence_B"])
        cos = a @ b / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-6)
        jac = len(ta & tb) / max(1, len(ta | tb))
        feats.append(np.concatenate([np.abs(a - b), a * b, [cos, jac]]))
        gold.append(float(r["relatedness_score"]))
        if len(gold) == limit:
            break
    return torch.tensor(np.array(feats), dtype=torch.float32), torch.tensor(gold)


Xtr, ytr = featurise("SICK_train.txt")
Xte, yte = featurise("SICK_test_annotated.txt", limit=2000)
mu, sd = Xtr.mean(0), Xtr.std(0) + 1e-6
Xtr, Xte = (Xtr - mu) / sd, (Xte - mu) / sd
print(len(Xtr), "training pairs,", len(Xte), "test pairs; variance of the gold scores", round(yte.var().item(), 3))

regressor = nn.Sequential(nn.Linear(Xtr.shape[1], 40), nn.Tanh(), nn.Dropout(0.2), nn.Linear(40, 1))
regressor[-1].bias.data.fill_(ytr.mean().item())
optim = torch.optim.AdamW(regressor.parameters(), lr=3e-3, weight_decay=0.05)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optim, 9)

for epoch in range(1, 10):
    regressor.train()
    order = torch.randperm(len(Xtr))
    running = []
    for idx in order.split(50):
        pred = regressor(Xtr[idx])
        # fault:
        err = pred - ytr[idx]
        # mended:
        # err = pred.squeeze(-1) - ytr[idx]
        # end
        loss = err.pow(2).mean()
        optim.zero_grad()
        loss.backward()
        optim.step()
        running.append(loss.item())
    sched.step()
    if epoch % 3 == 0:
        regressor.eval()
        with torch.no_grad():
            p = regressor(Xte).flatten().numpy()
        g = yte.numpy()
        print("epoch %2d train mse %.4f | test pearson %.4f mse %.4f" % (
            epoch, np.mean(running), np.corrcoef(p, g)[0, 1], ((p - g) ** 2).mean()))
