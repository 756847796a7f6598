"""Which corpus does a passage come from: newswire, Wikipedia, film reviews or picture captions?

Fixed GloVe vectors, weighted pooling, label smoothing; the weights that are evaluated are a moving average.
"""
import copy
import gzip
import itertools
import os
import random
import re

import torch
import torch.nn as nn

DATA = os.environ["WORDFIT_DATA"]
random.seed(4)
torch.manual_seed(4)
L = 20


def chunks(path, n, per=1):
    """n passages of L words; each from other lines, so that no passage shares a line with another"""
    out, cur = [], []
    with gzip.open(os.path.join(DATA, path), "rt", encoding="utf-8") as f:
        for line in f:
            cur += re.findall(r"[a-z]+", line.lower().replace("<br />", " "))
            if len(cur) >= L:
                out.append(cur[:L])
                cur = []
                if len(out) == n:
                    return out
    return out


paths = ["corpora/reuters-21578-bodies.txt.gz", "corpora/enwiki-2018-sample.txt.gz", "corpora/imdb-unsup-25k.txt.gz",
         "seq2seq/multi30k/train.en.gz"]
per_class = [chunks(p, 900) for p in paths]
# cut by position before shuffling: neighbours in a document stay on one side
train = [(w, k) for k, c in enumerate(per_class) for w in c[:720]]
dev = [(w, k) for k, c in enumerate(per_class) for w in c[740:]]
random.shuffle(train)

need = set(itertools.chain.from_iterable(w for w, _ in train + dev))
index, rows = {}, []
with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, _, rest = line.partition(" ")
        if w in need:
            index[w] = len(rows) + 1
            rows.append([float(v) for v in rest.split()])
table = torch.cat([torch.zeros(1, 50), torch.tensor(rows)])


def tensorize(data):
    ids = torch.tensor([[index.get(x, 0) for x in w] for w, _ in data])
    return ids, torch.tensor([k for _, k in data])


class Pooler(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("table", table)           # not a parameter on purpose
        self.gate = nn.Linear(50, 1)
        self.mlp = nn.Sequential(nn.Linear(50, 32), nn.Tanh(), nn.Linear(32, 4))

    def forward(self, ids):
        e = self.table[ids]
        g = self.gate(e).masked_fill((ids == 0).unsqueeze(2), -1e4)
        return self.mlp((torch.softmax(g, dim=1) * e).sum(1))


xtr, ytr = tensorize(train)
xdv, ydv = tensorize(dev)
student = Pooler()
shadow = copy.deepcopy(student).requires_grad_(False)
optim = torch.optim.Adam(student.parameters(), lr=4e-3)
crit = nn.CrossEntropyLoss(label_smoothing=0.1)


def acc(model, x, y):
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


for epoch in range(6):
    for b in torch.randperm(len(xtr)).split(48):
        loss = crit(student(xtr[b]), ytr[b])
        optim.zero_grad()
        loss.backward()
        optim.step()
        with torch.no_grad():
            for ps, pw in zip(shadow.parameters(), student.parameters()):
                ps.lerp_(pw, 0.03)
    print(f"epoch {epoch}  smoothed loss {loss.item():.3f}  ema train {acc(shadow, xtr, ytr):.3f}  "
          f"ema dev {acc(shadow, xdv, ydv):.3f}")
