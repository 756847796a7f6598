#!/usr/bin/env python
"""What do static vectors know about a word?  Linear probing in the spirit of Conneau et al. (2018),
with frozen GloVe, several seeds, mean and std over the seeds."""
import gzip, os
from pathlib import Path
import numpy as np
import torch

data = Path(os.environ["WORDFIT_DATA"])

PROPERTIES = {
    "suffix": lambda w: int(w.endswith("s") and not w.endswith("ss")),
    "parity": lambda w: len(w) % 2,
}
# fault:
PROPERTY = "parity"
# mended:
# PROPERTY = "suffix"
# end


def load():
    words, vecs = [], []
    with gzip.open(data / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            w, *v = line.rstrip().split(" ")
            if w.isalpha() and w.isascii() and len(w) > 4:
                words.append(w)
                vecs.append(v)
    return words, np.array(vecs, dtype=np.float32)


def balance(y, rng):
    a, b = np.flatnonzero(y == 0), np.flatnonzero(y == 1)
    n = min(len(a), len(b))
    keep = np.concatenate([rng.choice(a, n, replace=False), rng.choice(b, n, replace=False)])
    rng.shuffle(keep)
    return keep


class Probe(torch.nn.Module):
    def __init__(self, d):
        super().__init__()
        self.lin = torch.nn.Linear(d, 2)

    def forward(self, x):
        return self.lin(x)


def run(seed, X, y):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    idx = balance(y, rng)
    cut = int(len(idx) * 0.75)
    tr, te = idx[:cut], idx[cut:]
    mu, sd = X[tr].mean(0), X[tr].std(0)
    to = lambda rows: torch.from_numpy((X[rows] - mu) / sd)
    xtr, xte = to(tr), to(te)
    ytr, yte = torch.from_numpy(y[tr]), torch.from_numpy(y[te])
    probe = Probe(X.shape[1])
    opt = torch.optim.AdamW(probe.parameters(), lr=5e-3, weight_decay=1e-2)
    for epoch in range(8):
        order = torch.randperm(len(xtr))
        total = 0.
        for chunk in order.split(64):
            loss = torch.nn.functional.cross_entropy(probe(xtr[chunk]), ytr[chunk])
            opt.zero_grad(); loss.backward(); opt.step()
            total += float(loss.detach()) * len(chunk)
        if seed == 0:
            print(f"  epoch {epoch} loss {total / len(xtr):.4f}")
    with torch.no_grad():
        acc = lambda a, b: (probe(a).argmax(1) == b).float().mean().item()
        return acc(xtr, ytr), acc(xte, yte)


words, X = load()
y = np.array([PROPERTIES[PROPERTY](w) for w in words])
print(f"{len(words)} words, property = {PROPERTY}, positives {y.mean():.3f} (balanced below)")
res = np.array([run(s, X, y) for s in range(3)])
print("train acc %.3f +- %.3f" % (res[:, 0].mean(), res[:, 0].std()))
print("test  acc %.3f +- %.3f   (chance 0.500)" % (res[:, 1].mean(), res[:, 1].std()))
