"""Semantic relatedness on SICK: GloVe averages, |a-b| and a*b into a small head, sigmoid output."""
import gzip
import os
import re

import numpy as np
import torch
from scipy.stats import pearsonr, spearmanr
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(1)
HOME = os.environ["WORDFIT_DATA"]
tok = re.compile(r"[a-z]+").findall

words = {}
with gzip.open(HOME + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for ln in f:
        k, v = ln.split(" ", 1)
        words[k] = v
cache = {}


def vec(w):
    if w not in cache:
        cache[w] = np.array(words[w].split(), dtype=np.float32)
    return cache[w]


def embed(sentence):
    vs = [vec(w) for w in tok(sentence.lower()) if w in words]
    return np.mean(vs, axis=0), np.max(vs, axis=0)


def pair_features(a, b):
    out = []
    for u, v in zip(embed(a), embed(b)):
        out += [np.abs(u - v), u * v / (np.linalg.norm(u) * np.linalg.norm(v)) * 10]
    sa, sb = set(tok(a.lower())), set(tok(b.lower()))
    out.append(np.array([2 * len(sa & sb) / len(sa | sb)], dtype=np.float32))
    return np.concatenate(out)


def read(fname):
    feats, gold = [], []
    with open(f"{HOME}/glue/SICK/{fname}", encoding="utf-8") as f:
        next(f)
        for ln in f:
            _, a, b, score, _ = ln.rstrip("\n").split("\t")
            feats.append(pair_features(a, b))
            gold.append(float(score))
    gold = torch.tensor(gold)
    # fault:
    target = gold.clone()
    # mended:
    # target = (gold - 1) / 4
    # end
    return torch.tensor(np.stack(feats)).float(), target, gold


x, t, gold_tr = read("SICK_train.txt")
xd, td, gold_dev = read("SICK_trial.txt")
m, s = x.mean(0), x.std(0) + 1e-6
x, xd = (x - m) / s, (xd - m) / s

head = nn.Sequential(nn.Linear(x.shape[1], 40), nn.Tanh(), nn.Dropout(0.3), nn.Linear(40, 1))
optimizer = torch.optim.Adam(head.parameters(), lr=2e-3, weight_decay=1e-4)
loader = DataLoader(TensorDataset(x, t), batch_size=32, shuffle=True)
bce = nn.BCEWithLogitsLoss()


def relatedness(feats):
    head.eval()
    with torch.no_grad():
        return 1 + 4 * torch.sigmoid(head(feats).squeeze(-1))


for epoch in range(6):
    head.train()
    running = []
    for xb, tb in loader:
        loss = bce(head(xb).squeeze(-1), tb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running.append(loss.item())
    p, ptr = relatedness(xd), relatedness(x)
    print("epoch %d bce %.4f | train mse %.3f | dev mse %.3f pearson %.3f spearman %.3f" % (
        epoch, np.mean(running), (ptr - gold_tr).pow(2).mean(), (p - gold_dev).pow(2).mean(),
        pearsonr(p, gold_dev)[0], spearmanr(p, gold_dev)[0]))
print("dev variance of gold scores %.3f" % gold_dev.var())
