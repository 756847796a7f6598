# Routes a line of text to the desk it came from (wire news, film, captions,
# linguistics examples). Word vectors are fixed, only the two layers on top are
# fitted. Plain tensors, no nn.Module.
import gzip
import os
import random

import numpy as np
import torch

DATA = os.environ["WORDFIT_DATA"]
rng = random.Random(5)
torch.manual_seed(5)
WIDTH = 64
DIM = 50


def opened(*p):
    path = os.path.join(DATA, *p)
    return gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8")


def tidy(s):
    for ch in ".,!?\"();:":
        s = s.replace(ch, " ")
    return tuple(s.lower().split())


def lines(desk):
    out = []
    if desk == "wire":
        for s in opened("corpora", "reuters-21578-bodies.txt.gz"):
            w = tidy(s)
            if len(w) >= 7:
                out.append(w)
            if len(out) == 3000:
                break
    elif desk == "film":
        for s in list(opened("glue", "SST-2", "train.tsv"))[1:4000]:
            out.append(tidy(s.split("\t")[0]))
    elif desk == "captions":
        for s in list(opened("seq2seq", "multi30k", "val.en.gz")):
            out.append(tidy(s))
    else:
        for s in list(opened("glue", "CoLA", "train.tsv"))[:2500]:
            out.append(tidy(s.rstrip("\n").split("\t")[3]))
    out = sorted(set(w for w in out if 4 <= len(w) <= WIDTH))
    rng.shuffle(out)
    return out[:900]


desks = ["wire", "film", "captions", "examples"]
rows = [(w, k) for k, d in enumerate(desks) for w in lines(d)]
rng.shuffle(rows)
rows = list(dict(rows).items())

index, table = {"<none>": 0}, [np.random.RandomState(3).normal(0, 0.6, DIM)]
wanted = {w for words, _ in rows for w in words}
with opened("vectors", "glove.6B.50d.top10361.txt.gz") as f:
    for line in f:
        word, rest = line.split(" ", 1)
        if word in wanted:
            index[word] = len(table)
            table.append(np.array(rest.split(), dtype=np.float32))
# fault:
E = torch.tensor(np.array(table), dtype=torch.float32)
# mended:
#E = torch.tensor(np.array(table), dtype=torch.float32)
#E[0] = 0.0
# end

enc = [([index[w] for w in words if w in index], k) for words, k in rows]
enc = [(ids, k) for ids, k in enc if ids]
X = torch.zeros(len(enc), WIDTH, dtype=torch.long)
for r, (ids, _) in enumerate(enc):
    X[r, :len(ids)] = torch.tensor(ids)
Y = torch.tensor([k for _, k in enc])
ntest = len(X) // 4
Xte, Yte, Xtr, Ytr = X[:ntest], Y[:ntest], X[ntest:], Y[ntest:]
print("rows", len(Xtr), len(Xte), "words", len(E), "per desk", torch.bincount(Y).tolist())

HID = 20
A = (torch.randn(DIM, HID) / DIM ** 0.5).requires_grad_(True)
a = torch.zeros(HID, requires_grad=True)
P = (torch.randn(HID, len(desks)) / HID ** 0.5).requires_grad_(True)
p = torch.zeros(len(desks), requires_grad=True)


def scores(ids):
    n = (ids != 0).sum(dim=1, keepdim=True)
    bag = E[ids].sum(dim=1) / n.sqrt()   # variance of a sum of n words grows with n
    return torch.tanh(bag @ A + a) @ P + p


def accuracy(x, y):
    with torch.no_grad():
        return (scores(x).argmax(1) == y).float().mean().item()


opt = torch.optim.SGD([A, a, P, p], lr=0.01, momentum=0.9)
for epoch in range(13):
    order = torch.randperm(len(Xtr))
    run = []
    for part in order.split(64):
        loss = torch.nn.functional.cross_entropy(scores(Xtr[part]), Ytr[part])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.append(loss.item())
    if epoch % 4 == 0:
        print(epoch, "loss %.4f" % (sum(run) / len(run)), "test acc %.3f" % accuracy(Xte, Yte))
print("final: train %.3f test %.3f" % (accuracy(Xtr, Ytr), accuracy(Xte, Yte)))
