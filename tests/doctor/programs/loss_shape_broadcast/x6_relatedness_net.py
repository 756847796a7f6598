# Sentence relatedness on SICK, my own tiny layer library, no nn.Module.
import gzip
import os

import numpy as np
import torch

ROOT = os.environ["WORDFIT_DATA"]
g = torch.Generator().manual_seed(7)

glove = {}
for ln in gzip.open(ROOT + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8"):
    k, *v = ln.split()
    glove[k] = np.asarray(v, "float32")


def sent(s):
    vs = [glove[w] for w in s.lower().split() if w in glove]
    return np.mean(vs, axis=0) if vs else np.zeros(50, "float32")


def words_shared(a, b):
    a, b = set(a.lower().split()), set(b.lower().split())
    return len(a & b) / len(a | b)


def load(fn):
    feats, gold = [], []
    with open(f"{ROOT}/glue/SICK/{fn}", encoding="utf-8") as f:
        next(f)
        for line in f:
            _, a, b, score, _ = line.rstrip("\n").split("\t")
            u, v = sent(a), sent(b)
            cos = u @ v / (np.linalg.norm(u) * np.linalg.norm(v) + 1e-6)
            feats.append(np.concatenate([np.abs(u - v), u * v, [cos, words_shared(a, b)]]))
            gold.append(float(score))
    return torch.tensor(np.array(feats), dtype=torch.float32), torch.tensor(gold)


class Dense:
    def __init__(self, n_in, n_out, act=None):
        self.W = (torch.randn(n_in, n_out, generator=g) * (1.0 / n_in) ** 0.5).requires_grad_()
        self.b = torch.zeros(n_out, requires_grad=True)
        self.act = act

    def __call__(self, x):
        y = torch.addmm(self.b, x, self.W)
        return self.act(y) if self.act else y

    def params(self):
        return [self.W, self.b]


class Stack:
    def __init__(self, *layers):
        self.layers = layers

    def __call__(self, x):
        for l in self.layers:
            x = l(x)
        return x

    def params(self):
        return [p for l in self.layers for p in l.params()]


def batches(X, Y, size):
    order = torch.randperm(len(Y), generator=g)
    for i in range(0, len(Y), size):
        j = order[i:i + size]
        yield X[j], Y[j]


def pearson(p, y):
    p, y = p - p.mean(), y - y.mean()
    return (p @ y / (p.norm() * y.norm() + 1e-8)).item()


Xtr, Ytr = load("SICK_train.txt")
Xte, Yte = load("SICK_test_annotated.txt")
mu, sd = Xtr.mean(0), Xtr.std(0) + 1e-4
Xtr, Xte = (Xtr - mu) / sd, (Xte - mu) / sd
ym, ys = Ytr.mean(), Ytr.std()

net = Stack(Dense(Xtr.shape[1], 16, torch.tanh), Dense(16, 1))
opt = torch.optim.AdamW(net.params(), lr=4e-3, weight_decay=1e-2)
for epoch in range(1, 7):
    run, n = 0.0, 0
    for xb, yb in batches(Xtr, (Ytr - ym) / ys, 64):
        out = net(xb)
        # fault:
        err = out - yb
        # mended:
        # err = out[:, 0] - yb
        # end
        loss = err.pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        run, n = run + loss.item(), n + 1
    with torch.no_grad():
        p, q = net(Xte)[:, 0] * ys + ym, net(Xtr)[:, 0] * ys + ym
    print(f"epoch {epoch} mse(z) {run / n:.4f} | train r {pearson(q, Ytr):.3f} | "
          f"test r {pearson(p, Yte):.3f} rmse {(p - Yte).pow(2).mean().sqrt():.3f}")
