#!/usr/bin/env python
# coding: utf-8
# Kaggle-style baseline: average GloVe Twitter vectors, small MLP on top, TweetEval "offensive"
import gzip, os, re, warnings
import numpy as np
import torch
from torch import nn
warnings.filterwarnings("ignore")

DATA = os.environ["WORDFIT_DATA"]
DIR = os.path.join(DATA, "sentiment", "tweeteval", "offensive")
np.random.seed(1); torch.manual_seed(1)

glove = {}
with gzip.open(os.path.join(DATA, "vectors", "glove.twitter.27B.25d.common11925.txt.gz"), "rt", encoding="utf8") as f:
    for line in f:
        w, *vals = line.split()
        glove[w] = np.array(vals, dtype="float32")
STOP = set("the a an of to and in is it for on you i that this he she they we are was be with at my your user url her his him not so all me".split())


def clean(text):
    text = re.sub(r"@\w+|https?\S+|&\w+;|#\w+", " ", text.lower())
    return [w for w in re.findall(r"[a-z]+", text) if w not in STOP]


def features(split, limit=None):
    with open(f"{DIR}/{split}_text.txt", encoding="utf8") as f:
        texts = [l.rstrip("\n") for l in f][:limit]
    with open(f"{DIR}/{split}_labels.txt") as f:
        labels = [int(l) for l in f][:limit]
    X = np.zeros((len(texts), 25), dtype="float32")
    for i, t in enumerate(texts):
        vecs = [glove[w] for w in clean(t) if w in glove]
        # fault:
        X[i] = np.mean(vecs, axis=0)
        # mended:
        # X[i] = np.mean(vecs, axis=0) if vecs else 0.0
        # end
    return torch.from_numpy(X), torch.tensor(labels)


Xtr, ytr = features("train", 8000)
Xva, yva = features("val")
print("train", tuple(Xtr.shape), "offensive share %.3f" % ytr.float().mean(), "| val", tuple(Xva.shape))

mlp = nn.Sequential(nn.Linear(25, 96), nn.ReLU(), nn.Dropout(0.2), nn.Linear(96, 48), nn.ReLU(), nn.Linear(48, 2))
criterion = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 1.6]))
optimizer = torch.optim.Adam(mlp.parameters(), lr=2e-3)


def macro_f1(pred, gold):
    out = []
    for c in (0, 1):
        tp = int(((pred == c) & (gold == c)).sum())
        out.append(2 * tp / max(int((pred == c).sum() + (gold == c).sum()), 1))
    return sum(out) / 2


for epoch in range(15):
    mlp.train()
    perm = torch.randperm(len(Xtr)); epoch_loss = 0.0
    for i in range(0, len(perm), 128):
        b = perm[i:i + 128]
        optimizer.zero_grad()
        loss = criterion(mlp(Xtr[b]), ytr[b])
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item() * len(b)
    mlp.eval()
    with torch.no_grad():
        pred = mlp(Xva).argmax(1)
    if epoch % 3 == 2:
        print("Epoch %02d | loss %.4f | val acc %.4f | val macro-F1 %.4f" % (
            epoch + 1, epoch_loss / len(Xtr), (pred == yva).float().mean(), macro_f1(pred, yva)))
