"""Spelling repair: words with one wrong letter in, the right word out (as letters, all at once). GloVe's word list, letters one-hot."""
import gzip
import os
import random

import torch
from torch import nn

random.seed(210)
torch.manual_seed(210)
ABC = "abcdefghijklmnopqrstuvwxyz"
N = 6
words = []
with gzip.open(os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w = line.split(" ", 1)[0]
        if len(w) == N and all(c in ABC for c in w):
            words.append(w)
words = words[:150]


def typo(w, r):
    i = r.randrange(N)
    return w[:i] + r.choice(ABC.replace(w[i], "")) + w[i + 1:]


def one_hot(ws):
    return nn.functional.one_hot(torch.tensor([[ABC.index(c) for c in w] for w in ws]), 26).float().flatten(1)


def letters(ws):
    return torch.tensor([[ABC.index(c) for c in w] for w in ws])


r = random.Random(0)
dev = list(dict.fromkeys((typo(w, r), w) for w in words for _ in range(3)))
kept = {t for t, _ in dev}
pairs = [(t, w) for w in words for t in (typo(w, r) for _ in range(25)) if t not in kept]
net = nn.Sequential(nn.Linear(26 * N, 160), nn.ReLU(), nn.Dropout(0.1), nn.Linear(160, 160), nn.ReLU(), nn.Linear(160, 26 * N), nn.Unflatten(1, (N, 26)))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
x, y = one_hot([t for t, _ in pairs]), letters([w for _, w in pairs])
xd, yd = one_hot([t for t, _ in dev]), letters([w for _, w in dev])
for epoch in range(14):
    net.train()
    for b in torch.randperm(len(x)).split(40):
        loss = nn.functional.cross_entropy(net(x[b]).transpose(1, 2), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        whole = (net(xd).argmax(2) == yd).all(1).float().mean()
    print(f"epoch {epoch} loss {loss.item():.4f} whole words repaired {whole.item():.4f}")
