"""STS-B with frozen GloVe: which dimensions, and how much of each, should count in the cosine of two sentences?"""
import csv
import gzip
import os

import numpy as np
import torch
import torch.nn as nn
from scipy.stats import pearsonr

root = os.environ["WORDFIT_DATA"]
torch.manual_seed(10)
rng = np.random.RandomState(10)
MAXLEN = 30


def read(split):
    pairs = []
    with open(f"{root}/glue/STS-B/{split}.tsv", encoding="utf-8") as f:
        next(f)
        for line in f:
            c = line.rstrip("\n").split("\t")
            pairs.append((c[7].lower().split(), c[8].lower().split(), float(c[-1])))
    return pairs


train, dev = read("train"), read("dev")
glove = {}
with gzip.open(f"{root}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.split(" ", 1)
        glove[w] = np.array(v.split(), dtype=np.float32)

word2id = {"<pad>": 0}
for a, b, _ in train + dev:
    for w in a + b:
        w = w.strip(".,!?\"'()")
        if w in glove:
            word2id.setdefault(w, len(word2id))
matrix = rng.normal(scale=0.6, size=(len(word2id), 50)).astype(np.float32)
# fault:
for w, i in word2id.items():
    if w in glove:
        matrix[i] = glove[w]
# mended:
# matrix[0] = 0
# for w, i in word2id.items():
#     if w in glove:
#         matrix[i] = glove[w]
# end


def ids(words):
    r = [word2id[w] for w in (x.strip(".,!?\"'()") for x in words) if w in word2id][:MAXLEN]
    return r or None


# smooth inverse frequency (Arora et al. 2017), counted on the training pairs
counts = np.zeros(len(word2id))
for a, b, _ in train:
    for r in (ids(a), ids(b)):
        np.add.at(counts, r or [], 1)
rarity = torch.tensor(1e-3 / (1e-3 + counts / counts.sum()), dtype=torch.float32)


def tensors(pairs):
    A, B, y = [], [], []
    for a, b, s in pairs:
        a, b = ids(a), ids(b)
        if a and b:
            A.append(a + [0] * (MAXLEN - len(a)))
            B.append(b + [0] * (MAXLEN - len(b)))
            y.append(s / 5)
    return torch.tensor(A), torch.tensor(B), torch.tensor(y)


class Diagonal(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(matrix), freeze=True, padding_idx=0)
        self.scale = nn.Parameter(torch.ones(50))
        self.slope = nn.Parameter(torch.tensor(1.0))
        self.bias = nn.Parameter(torch.tensor(0.0))

    def sentence(self, x):
        e = self.emb(x)
        w = rarity[x].unsqueeze(-1)
        n = (x != 0).sum(1, keepdim=True)
        return (w * e).sum(1) / n

    def forward(self, a, b):
        u, v = self.sentence(a) * self.scale, self.sentence(b) * self.scale
        return self.slope * nn.functional.cosine_similarity(u, v, dim=1) + self.bias


tr, dv = tensors(train), tensors(dev)
model = Diagonal()
opt = torch.optim.Adam(model.parameters(), lr=2e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 5)


def pearson(t):
    with torch.no_grad():
        return pearsonr(model(t[0], t[1]).numpy(), t[2].numpy())[0]


print("untrained: dev pearson %.3f" % pearson(dv))
for epoch in range(5):
    losses = []
    for idx in torch.randperm(len(tr[2])).split(64):
        loss = nn.functional.mse_loss(model(tr[0][idx], tr[1][idx]), tr[2][idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    sched.step()
    print("epoch %d mse %.4f train pearson %.3f dev pearson %.3f" % (epoch + 1, np.mean(losses), pearson(tr), pearson(dv)))
