# Sorting sentences onto desks (film, gadgets, finance, novels & news) with a two-layer net made of plain matrices.
import gzip
import math
import os
import random

import numpy as np
import torch

D = os.environ["WORDFIT_DATA"]
torch.manual_seed(2)
rng = random.Random(2)


def lines(path, enc="latin-1"):
    op = gzip.open if path.endswith(".gz") else open
    with op(os.path.join(D, path), "rt", encoding=enc) as f:
        return [l.strip().lower() for l in f]


desks = [
    lines("sentiment/MR/rt-polarity.pos") + lines("sentiment/MR/rt-polarity.neg"),
    lines("sentiment/CR/custrev.pos") + lines("sentiment/CR/custrev.neg"),
    [l.rpartition("@")[0] for l in lines("sentiment/financial-phrasebank/Sentences_50Agree.txt")],
    lines("corpora/brown.txt.gz", "utf8"),
    lines("sentiment/tweeteval/emotion/train_text.txt", "utf8"),
]
vec = {}
with gzip.open(D + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as f:
    for l in f:
        w, *v = l.split()
        vec[w] = np.array(v, np.float32)

data = []
for k, ls in enumerate(desks):
    ls = sorted({l for l in ls if len(l.split()) > 4})
    for l in rng.sample(ls, 1000):
        vs = [vec[w] for w in l.split() if w in vec]
        data.append((np.mean(vs, axis=0) if vs else np.zeros(50, np.float32), k))
rng.shuffle(data)
X = torch.tensor(np.stack([x for x, _ in data]))
Y = torch.tensor([k for _, k in data])
X, XT, Y, YT = X[:4200], X[4200:], Y[:4200], Y[4200:]
mu, sd = X.mean(0), X.std(0)
X, XT = (X - mu) / sd, (XT - mu) / sd

H, C = 32, len(desks)
# fault:
W1 = torch.full((50, H), 1 / math.sqrt(50))
W2 = torch.full((H, C), 1 / math.sqrt(H))
# mended:
# W1 = torch.randn(50, H) / math.sqrt(50)
# W2 = torch.randn(H, C) / math.sqrt(H)
# end
b1, b2 = torch.zeros(H), torch.zeros(C)
P = [W1, b1, W2, b2]
for p in P:
    p.requires_grad_(True)


def net(x):
    return torch.tanh(x @ W1 + b1) @ W2 + b2


def acc(x, y):
    with torch.no_grad():
        return (net(x).argmax(1) == y).double().mean().item()


adam = torch.optim.Adam(P, lr=4e-3)
for ep in range(6):
    s = 0.0
    for i in torch.randperm(len(Y)).split(60):
        z = torch.log_softmax(net(X[i]), 1)
        loss = -z[torch.arange(len(i)), Y[i]].mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        s += loss.item() * len(i)
    print("ep %d  loss %.3f  train %.3f  test %.3f" % (ep, s / len(Y), acc(X, Y), acc(XT, YT)))
