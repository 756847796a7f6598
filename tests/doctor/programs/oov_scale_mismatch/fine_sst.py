"""Sentiment strength (SST-5 as a number from -2 to 2) from unit-length GloVe. Reports Pearson's r like STS people do."""
import gzip
import os
import random

import numpy as np
import torch

root = os.environ["WORDFIT_DATA"]
random.seed(17)
np.random.seed(17)
torch.manual_seed(17)


def read(part, limit=None):
    rows = []
    with open(f"{root}/sentiment/SST-5/stsa.fine.{part}", encoding="utf-8") as f:
        for line in f:
            label, _, text = line.strip().partition(" ")
            rows.append((text.lower().split(), float(label) - 2))
    return rows[:limit]


def glove():
    out = {}
    with gzip.open(f"{root}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            w, _, v = line.partition(" ")
            v = np.array(v.split(), dtype=np.float32)
            out[w] = v / np.linalg.norm(v)
    return out


train, dev = read("train", 6000), read("dev")
vec = glove()
vocab = {"<pad>": 0}
for words, _ in train + dev:
    for w in words:
        vocab.setdefault(w, len(vocab))
E = np.zeros((len(vocab), 50), dtype=np.float32)
for w, i in vocab.items():
    if w in vec:
        E[i] = vec[w]
    elif i:
        # fault:
        E[i] = np.random.randn(50)
        # mended:
        # E[i] = np.random.randn(50) * 0.1
        # end
print("words:", len(vocab), "without a vector:", sum(w not in vec for w in vocab))

E = torch.from_numpy(E)
W1 = (torch.randn(50, 40) * 0.3).requires_grad_()
b1 = torch.zeros(40, requires_grad=True)
w2 = (torch.randn(40) * 0.1).requires_grad_()
b2 = torch.zeros(1, requires_grad=True)
params = [W1, b1, w2, b2]


def features(rows):
    return torch.stack([E[[vocab[w] for w in words]].mean(0) for words, _ in rows]), torch.tensor([s for _, s in rows])


def predict(x):
    return torch.tanh(x @ W1 * 4 + b1) @ w2 + b2


optimizer = torch.optim.Adam(params, lr=1e-3)
Xd, yd = features(dev)
Xt, yt = features(train)
for epoch in range(20):
    err = 0
    for b in torch.randperm(len(train)).split(30):
        x, y = Xt[b], yt[b]
        loss = ((predict(x) - y) ** 2).mean() + 1e-4 * (W1 ** 2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        err += loss.item()
    with torch.no_grad():
        p = predict(Xd)
        r = np.corrcoef(p.numpy(), yd.numpy())[0, 1]
    if epoch % 4 == 3:
        print("epoch", epoch + 1, "mse", round(err * 30 / len(train), 3), "dev r", round(float(r), 3), "dev mse", round(((p - yd) ** 2).mean().item(), 3))
