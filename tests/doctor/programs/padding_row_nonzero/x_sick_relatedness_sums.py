"""Additive composition baseline (Mitchell & Lapata) for SICK relatedness.

A sentence is the sum of its word vectors; both sums go through one linear map and the
cosine of the two is fitted to the human score.  GloVe 50d, vectors are kept fixed.
"""
import gzip
import os
import re

import numpy as np
import torch
import torch.nn.functional as F
from scipy.stats import spearmanr

DATA = os.environ["WORDFIT_DATA"]
MAXLEN = 40
rng = np.random.RandomState(17)
torch.manual_seed(17)


def read_sick(name):
    a, b, s = [], [], []
    with open(f"{DATA}/glue/SICK/{name}", encoding="utf-8") as f:
        next(f)
        for line in f:
            cols = line.rstrip("\n").split("\t")
            a.append(re.findall(r"[a-z]+", cols[1].lower()))
            b.append(re.findall(r"[a-z]+", cols[2].lower()))
            s.append(float(cols[3]))
    return a, b, torch.tensor(s)


train = read_sick("SICK_train.txt")
test = read_sick("SICK_test_annotated.txt")
needed = {w for part in (train, test) for side in part[:2] for sent in side for w in sent}

glove = {}
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        if w in needed:
            glove[w] = np.array(rest.split(), dtype=np.float32)

known = sorted(glove)
word2id = {w: i + 1 for i, w in enumerate(known)}        # 0 = pad; words without a vector are skipped
std = np.std(np.stack([glove[w] for w in known]))
table = rng.normal(0, std, (len(known) + 1, 50)).astype("float32")
for w in known:
    table[word2id[w]] = glove[w]
# fault:
# mended:
# table[0] = 0.0
# end
print(f"{len(known)} of {len(needed)} types have a vector")


def encode(sents):
    out = torch.zeros(len(sents), MAXLEN, dtype=torch.long)
    for i, s in enumerate(sents):
        ids = [word2id[w] for w in s if w in word2id][:MAXLEN]
        out[i, :len(ids)] = torch.tensor(ids)
    return out


xa, xb, y = encode(train[0]), encode(train[1]), train[2]
ta, tb, ty = encode(test[0]), encode(test[1]), test[2]

embed = torch.nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True, padding_idx=0)
proj = torch.nn.Linear(50, 50, bias=False)
torch.nn.init.eye_(proj.weight)
scale = torch.nn.Parameter(torch.tensor([4.0, 1.0]))       # cosine -> 1..5
opt = torch.optim.Adam([*proj.parameters(), scale], lr=4e-3)


def score(a, b):
    u, v = proj(embed(a).sum(1)), proj(embed(b).sum(1))
    return scale[0] * F.cosine_similarity(u, v, dim=-1) + scale[1]


with torch.no_grad():
    print("untrained rho %.3f" % spearmanr(score(ta, tb).numpy(), ty.numpy())[0])
for ep in range(5):
    tot = 0
    for idx in torch.randperm(len(y)).split(64):
        loss = F.mse_loss(score(xa[idx], xb[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(idx)
    print(f"epoch {ep} mse {tot / len(y):.4f}")
with torch.no_grad():
    for name, p, q, g in (("train", xa, xb, y), ("test", ta, tb, ty)):
        s = score(p, q)
        print("%s  spearman %.3f  mse %.3f (var %.3f)" % (
            name, spearmanr(s.numpy(), g.numpy())[0], F.mse_loss(s, g), g.var()))
