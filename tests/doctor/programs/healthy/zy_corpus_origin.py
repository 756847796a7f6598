#!/usr/bin/env python3
# Where does this paragraph come from: newswire, film reviews, encyclopedia, or 1961 prose?
# Multinomial logistic regression on hashed words with an l1 penalty, solved by proximal gradient
# steps (soft thresholding) rather than with torch.optim, so that most weights end at exactly zero.
import gzip
import os
import re
import zlib

import torch

D = 3000
N_TRAIN, N_TEST = 900, 200
LAMBDA, STEP, EPOCHS, BATCH = 4e-4, 1.5, 10, 100
base = os.environ["WORDFIT_DATA"] + "/corpora/"
SOURCES = ["reuters-21578-bodies", "imdb-unsup-25k", "enwiki-2018-sample", "brown"]
torch.manual_seed(100)


def paragraphs(name, want):
    got, seen, buffer, k = [], set(), [], 0
    with gzip.open(base + name + ".txt.gz", "rt", encoding="utf8", errors="replace") as f:
        for line in f:
            w = re.findall("[a-z]+", line.lower().replace("<br />", " "))
            buffer += w
            if len(buffer) < 60:
                continue
            w, buffer = tuple(buffer[:60]), []
            k += 1
            if k % 3 == 0 and w not in seen:       # far apart, so that no two are neighbours
                seen.add(w)
                got.append(w)
            if len(got) == want:
                return [got[i] for i in torch.randperm(want)]
    raise SystemExit(name + " is too short")


def vector(words):
    v = torch.zeros(D)
    for w in words:
        v[zlib.crc32(w.encode()) % D] += 1
    v = v.log1p()
    return v / v.norm()


X, y, Xt, yt = [], [], [], []
for label, name in enumerate(SOURCES):
    ps = paragraphs(name, N_TRAIN + N_TEST)
    X += map(vector, ps[:N_TRAIN])
    Xt += map(vector, ps[N_TRAIN:])
    y += [label] * N_TRAIN
    yt += [label] * N_TEST
X, Xt, y, yt = torch.stack(X), torch.stack(Xt), torch.tensor(y), torch.tensor(yt)

W = torch.zeros(D, len(SOURCES), requires_grad=True)
b = torch.zeros(len(SOURCES), requires_grad=True)


def accuracy(A, t):
    with torch.no_grad():
        return ((A @ W + b).argmax(1) == t).double().mean().item()


for epoch in range(EPOCHS):
    order = torch.randperm(len(X))
    step = STEP * 10 / (1 + 0.3 * epoch)
    total = 0.0
    for i in range(0, len(order), BATCH):
        pick = order[i:i + BATCH]
        logp = torch.log_softmax(X[pick] @ W + b, dim=1)
        loss = -logp.gather(1, y[pick, None]).mean()
        gW, gb = torch.autograd.grad(loss, [W, b])
        with torch.no_grad():
            W -= step * gW
            b -= 0.1 * step * gb
            W.copy_(W.sign() * (W.abs() - step * LAMBDA).clamp(min=0))
        total += loss.item() * len(pick)
    kept = (W != 0).double().mean().item()
    print(f"{epoch:2d} nll {total / len(X):.4f} kept {kept:6.1%} train {accuracy(X, y):.4f} test {accuracy(Xt, yt):.4f}")
