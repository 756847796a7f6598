"""Probe: which corpus does a snippet come from?  Averaged frozen GloVe-50, linear and MLP probe, two seeds (Table 2)."""
import gzip
import os
import re

import numpy as np
import torch
from torch import nn

ROOT = os.environ["WORDFIT_DATA"]
SOURCES = {
    "reuters": "corpora/reuters-21578-bodies.txt.gz",
    "captions": "seq2seq/multi30k/train.en.gz",
    "imdb": "corpora/imdb-unsup-25k.txt.gz",
    "wikipedia": "corpora/enwiki-2018-sample.txt.gz",
}


def load_glove(path):
    words, mat = {}, []
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for line in fh:
            w, nums = line.rstrip("\n").split(" ", 1)
            words[w] = len(mat)
            mat.append(np.fromstring(nums, dtype=np.float32, sep=" "))
    return words, np.stack(mat)


def normalise(text):
    text = text.replace("<br />", " ")
    # fault:
    text = text.upper()
    # mended:
    # text = text.lower()
    # end
    return re.findall(r"\w+", text)


def snippets(path, n, width=12):
    out = []
    with gzip.open(os.path.join(ROOT, path), "rt", encoding="utf-8") as fh:
        for line in fh:
            toks = normalise(line)
            if len(toks) < 9:
                continue
            out.append(toks[:width])
            if len(out) == n:
                return out


def featurise(rows, words, mat):
    """mean of the vectors of the known words; zeros if there are none"""
    out = np.zeros((len(rows), mat.shape[1]), dtype=np.float32)
    for i, toks in enumerate(rows):
        ids = [words[t] for t in toks if t in words]
        if ids:
            out[i] = mat[ids].mean(0)
    return torch.from_numpy(out)


words, mat = load_glove(os.path.join(ROOT, "vectors/glove.6B.50d.top10361.txt.gz"))
rows, labels = [], []
for y, (name, path) in enumerate(SOURCES.items()):
    part = snippets(path, 800)
    rows += part
    labels += [y] * len(part)
feats, labels = featurise(rows, words, mat), torch.tensor(labels)
order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(13))
tr, te = order[:2500], order[2500:]
X, y, Xt, yt = feats[tr], labels[tr], feats[te], labels[te]
print("train", tuple(X.shape), "test", tuple(Xt.shape))


def probe(kind, seed):
    torch.manual_seed(seed)
    if kind == "linear":
        f = nn.Linear(50, len(SOURCES))
    else:
        f = nn.Sequential(nn.Linear(50, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, len(SOURCES)))
    optim = torch.optim.Adam(f.parameters(), lr=1e-2, weight_decay=1e-5)
    crit = nn.CrossEntropyLoss()
    for epoch in range(6):
        f.train()
        for idx in torch.randperm(len(X)).split(50):
            optim.zero_grad()
            crit(f(X[idx]), y[idx]).backward()
            optim.step()
    f.eval()
    with torch.no_grad():
        return [(f(a).argmax(1) == b).float().mean().item() for a, b in ((X, y), (Xt, yt))]


for kind in ("linear", "mlp"):
    r = np.array([probe(kind, s) for s in (1, 2)])
    m, s = r.mean(0), r.std(0)
    print(f"{kind:7s} train {m[0]:.3f}±{s[0]:.3f}  test {m[1]:.3f}±{s[1]:.3f}")
