"""Four-fold cross-validation of a small head over frozen GloVe: which corpus is a sentence from?"""
import gzip
import os
import random
import re

import numpy as np
import torch
from sklearn.model_selection import StratifiedKFold
from torch import nn

D = os.environ["WORDFIT_DATA"]
random.seed(13)


def read_vectors():
    words, mat = {}, []
    with gzip.open(f"{D}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
        for line in fh:
            w, *vals = line.rstrip().split(" ")
            words[w] = len(mat)
            mat.append(np.array(vals, dtype="float32"))
    return words, torch.from_numpy(np.stack(mat))


def sentences(path, want, opener=gzip.open):
    out = []
    with opener(f"{D}/{path}", "rt", encoding="utf-8") as fh:
        for line in fh:
            t = re.findall(r"[a-z]+", line.lower())
            if 6 <= len(t):
                out.append(t[:20])
            if len(out) >= 5 * want:
                break
    return random.sample(out, want)


words, vectors = read_vectors()
corpora = [sentences("seq2seq/multi30k/train.en.gz", 600), sentences("corpora/brown.txt.gz", 600),
           sentences("sentiment/MR/rt-polarity.pos", 600, lambda p, m, encoding: open(p, m, encoding="latin-1"))]
X, y = [], []
for label, sents in enumerate(corpora):
    for s in sents:
        ids = [words[w] for w in s if w in words]
        if ids:
            X.append(torch.tensor(ids))
            y.append(label)
y = np.array(y)


class FrozenHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(vectors, freeze=True)
        self.norm = nn.LayerNorm(100)
        self.head = nn.Linear(100, 3)

    def forward(self, docs):
        pooled = []
        for d in docs:
            v = self.lookup(d)
            pooled.append(torch.cat([v.mean(0), v.max(0).values]))
        return self.head(self.norm(torch.stack(pooled)))


def fold(train_idx, test_idx, seed):
    torch.manual_seed(seed)
    net = FrozenHead()
    opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-2)
    Y = torch.tensor(y)
    for _ in range(4):
        net.train()
        for idx in torch.tensor(train_idx)[torch.randperm(len(train_idx))].split(50):
            loss = nn.functional.cross_entropy(net([X[i] for i in idx]), Y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        acc = [(net([X[i] for i in part]).argmax(1).numpy() == y[part]).mean() for part in (train_idx, test_idx)]
    return (loss.item(), *acc)


folds = StratifiedKFold(n_splits=4, shuffle=True, random_state=0)
scores = []
for k, (tr, te) in enumerate(folds.split(np.zeros(len(y)), y)):
    last, a, b = fold(tr, te, seed=100 + k)
    scores.append(b)
    print(f"fold {k}: last loss {last:.3f}  train {a:.3f}  test {b:.3f}")
print(f"mean {np.mean(scores):.4f} +- {np.std(scores):.4f} (chance 0.333)")
