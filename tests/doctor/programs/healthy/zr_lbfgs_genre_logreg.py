"""Which kind of text is a line from? Multinomial regression on averaged GloVe vectors, by L-BFGS on the full batch."""
import gzip
import os
import re

import numpy as np
import torch

ROOT = os.environ["WORDFIT_DATA"]
torch.manual_seed(7)
SOURCES = ["corpora/reuters-21578-bodies.txt.gz", "seq2seq/multi30k/train.en.gz", "corpora/brown.txt.gz",
           "corpora/imdb-unsup-25k.txt.gz"]


def read_glove(path):
    words, rows = {}, []
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for line in fh:
            w, *v = line.rstrip().split(" ")
            words[w] = len(rows)
            rows.append(v)
            if len(rows) == 6000:
                break
    return words, np.asarray(rows, dtype=np.float32)


def lines_of(path, n):
    """n distinct chunks of 8 to 12 words each"""
    got, rng = {}, np.random.RandomState(0)
    with gzip.open(os.path.join(ROOT, path), "rt", encoding="utf-8") as fh:
        for line in fh:
            toks = re.findall(r"[a-z]+", line.replace("<br />", " ").lower())
            k = rng.randint(8, 13)
            if len(toks) >= k:
                got.setdefault(tuple(toks[:k]))
                if len(got) == n:
                    return list(got)
    return list(got)


def featurise(texts, words, mat):
    out = np.zeros((len(texts), mat.shape[1]), dtype=np.float32)
    for i, t in enumerate(texts):
        ids = [words[w] for w in t if w in words]
        if ids:
            out[i] = mat[ids].mean(0)
    return torch.from_numpy(out)


words, mat = read_glove(os.path.join(ROOT, "vectors", "glove.6B.50d.top10361.txt.gz"))
texts, labels = [], []
for c, src in enumerate(SOURCES):
    got = lines_of(src, 1500)
    texts += got
    labels += [c] * len(got)
order = np.random.RandomState(1).permutation(len(texts))
X, y = featurise([texts[i] for i in order], words, mat), torch.tensor(labels)[torch.from_numpy(order)]
X, X_dev, y, y_dev = X[:-1200], X[-1200:], y[:-1200], y[-1200:]
mu, sd = X.mean(0), X.std(0)
X, X_dev = (X - mu) / sd, (X_dev - mu) / sd

w = torch.zeros(X.shape[1], len(SOURCES), requires_grad=True)     # convex: zeros are as good a start as any
b = torch.zeros(len(SOURCES), requires_grad=True)
opt = torch.optim.LBFGS([w, b], lr=1, max_iter=12, history_size=10, line_search_fn="strong_wolfe")


def objective():
    z = X @ w + b
    nll = (z.logsumexp(1) - z.gather(1, y[:, None])[:, 0]).mean()
    return nll + 1e-3 * w.square().sum()


def closure():
    opt.zero_grad()
    loss = objective()
    loss.backward()
    return loss


for outer in range(4):
    before = opt.step(closure)
    with torch.no_grad():
        gn = torch.cat([w.grad.flatten(), b.grad]).norm().item()
        acc = ((X_dev @ w + b).argmax(1) == y_dev).float().mean().item()
    print(f"outer {outer}  objective before {before.item():.5f}  |grad| {gn:.2e}  dev acc {acc:.4f}")

with torch.no_grad():
    tr = ((X @ w + b).argmax(1) == y).float().mean().item()
    print(f"objective after {objective().item():.5f}  train acc {tr:.4f}  dev acc {acc:.4f}  chance {1 / len(SOURCES):.2f}")
