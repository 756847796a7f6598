import gzip
import os
import random

import numpy as np
import torch
from torch import nn

# movie review sentences (Pang & Lee), averaged Google News vectors, small MLP on top
D = os.environ["WORDFIT_DATA"]
random.seed(1)
torch.manual_seed(1)


def sentences(suffix, n):
    with open(f"{D}/sentiment/MR/rt-polarity.{suffix}", encoding="latin-1") as f:
        rows = [l.split() for l in f]
    random.shuffle(rows)
    return rows[:n]


rows = [(s, 1) for s in sentences("pos", 2600)] + [(s, 0) for s in sentences("neg", 2600)]
random.shuffle(rows)
needed = {w for s, _ in rows for w in s}

words, vecs, dim = {"<pad>": 0}, [], None
with gzip.open(f"{D}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
    # fault:
    first = f.readline().split()
    dim = len(first) - 1
    if first[0] in needed:
        words[first[0]] = len(words)
        vecs.append(np.asarray(first[1:], dtype="float32"))
    # mended:
    # dim = int(f.readline().split()[1])
    # end
    for line in f:
        w, rest = line.split(" ", 1)
        if w in needed and w not in words:
            words[w] = len(words)
            vecs.append(np.asarray(rest.split()[:dim], dtype="float32"))
weights = torch.from_numpy(np.vstack([np.zeros(dim, dtype="float32")] + vecs))
print("vectors:", tuple(weights.shape))


def encode(s, T=40):
    ids = [words[w] for w in s if w in words][:T]
    return ids + [0] * (T - len(ids))


X = torch.tensor([encode(s) for s, _ in rows])
Y = torch.tensor([float(y) for _, y in rows])
Xtr, Ytr, Xdv, Ydv = X[:4200], Y[:4200], X[4200:], Y[4200:]


class Avg(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.ff = nn.Sequential(nn.Linear(dim, 64), nn.ReLU(), nn.Dropout(0.4), nn.Linear(64, 1))

    def forward(self, x):
        m = (x != 0).unsqueeze(-1).float()
        mean = (self.emb(x) * m).sum(1) / m.sum(1).clamp(min=1)
        return self.ff(mean).squeeze(-1)


net = Avg()
opt = torch.optim.Adam((p for p in net.parameters() if p.requires_grad), lr=2e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(8):
    net.train()
    order = torch.randperm(len(Xtr))
    losses = []
    for idx in order.split(50):
        loss = bce(net(Xtr[idx]), Ytr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        z = net(Xdv)
        print(f"epoch {epoch}: loss {np.mean(losses):.4f}, val loss {bce(z, Ydv):.4f}, val acc {((z > 0) == (Ydv > 0.5)).float().mean():.4f}")
