"""Bengio-style letter model: five letters in, the next one out. Brown corpus, news."""
import gzip
import math
import os
import re

import torch
import torch.nn.functional as F

g = torch.Generator().manual_seed(2147483647)
path = os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "corpora/brown.txt.gz")
with gzip.open(path, "rt", encoding="utf-8") as f:
    lines = [re.sub("[^a-z]+", " ", next(f).lower()).strip() for _ in range(2600)]

itos = " abcdefghijklmnopqrstuvwxyz"
stoi = {c: i for i, c in enumerate(itos)}
block = 5


def build(ls):
    X, Y = [], []
    for s in ls:
        ctx = [0] * block
        for c in s + " ":
            X.append(ctx)
            Y.append(stoi[c])
            ctx = ctx[1:] + [stoi[c]]
    return torch.tensor(X), torch.tensor(Y)


Xtr, Ytr = build(lines[:2300])
Xdev, Ydev = build(lines[2300:])

C = torch.randn((27, 12), generator=g)
W1 = torch.randn((block * 12, 128), generator=g) * (5 / 3) / (block * 12) ** 0.5
b1 = torch.zeros(128)
W2 = torch.randn((128, 27), generator=g) * 0.05
b2 = torch.zeros(27)
params = [C, W1, b1, W2, b2]
for p in params:
    p.requires_grad = True


def forward(X):
    h = torch.tanh(C[X].view(len(X), -1) @ W1 + b1)
    return F.softmax(h @ W2 + b2, dim=1)


opt = torch.optim.Adam(params, lr=4e-3)
N = 1500
for i in range(N):
    for group in opt.param_groups:
        group["lr"] = 4e-3 if i < 1000 else 8e-4
    ix = torch.randint(0, len(Xtr), (128,), generator=g)
    probs = forward(Xtr[ix])
    # fault:
    loss = F.nll_loss(probs, Ytr[ix])
    # mended:
    # loss = F.nll_loss(torch.log(probs + 1e-9), Ytr[ix])
    # end
    for p in params:
        p.grad = None
    loss.backward()
    opt.step()
    if i % 250 == 249:
        with torch.no_grad():
            p = forward(Xdev)
            bits = -(p[torch.arange(len(p)), Ydev] + 1e-9).log().mean() / math.log(2)
            print(f"{i + 1:5d} loss {loss.item():.4f} dev bits per letter {bits:.3f} accuracy {(p.argmax(1) == Ydev).float().mean():.3f}")
