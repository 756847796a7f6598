# Czech image captions: is the person in the picture male or female?
# Word vectors come from an export of our LSA job (plain word2vec-like text), the classifier only averages them.
import gzip
import os
import re
import tempfile
from collections import Counter

import numpy as np
import torch
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import svds
from torch import nn

torch.manual_seed(0)
np.random.seed(0)
base = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def lines(name, n):
    with gzip.open(os.path.join(base, name), "rt", encoding="utf-8") as f:
        return [next(f).strip().lower() for _ in range(n)]


def tokens(s):
    return re.findall(r"\w+", s)


# ---- part 1: the export job -------------------------------------------------------------------------------------
N = 9000
cs, en = lines("train.cs.gz", N), lines("train.en.gz", N)


def export_vectors(path, sents, dim=40):
    cnt = Counter(w for s in sents for w in s)
    vocab = [w for w, c in cnt.items() if c >= 5]
    pos = {w: i for i, w in enumerate(vocab)}
    r, c = zip(*[(i, pos[w]) for i, s in enumerate(sents) for w in set(s) if w in pos])
    m = csr_matrix((np.ones(len(r)), (r, c)), shape=(len(sents), len(vocab)))
    m = m.multiply(1 / np.sqrt(np.asarray(m.sum(0)))).tocsr()
    _, s, vt = svds(m, k=dim, v0=np.ones(min(m.shape)))
    v = vt.T * s
    v /= np.linalg.norm(v, axis=1, keepdims=True) + 1e-9
    with open(path, "w", encoding="utf-8") as f:
        for w, row in zip(vocab, v):
            f.write(w + " " + " ".join("%.5f" % x for x in row) + "\n")


path = os.path.join(tempfile.mkdtemp(), "cs.lsa.40d.txt")
export_vectors(path, [tokens(s) for s in cs[2500:]])

# ---- part 2: classifier -----------------------------------------------------------------------------------------
index, rows = {}, []
# fault:
with open(path, encoding="latin-1") as f:
# mended:
# with open(path, encoding="utf-8") as f:
# end
    for line in f:
        word, *values = line.rstrip("\n").split(" ")
        index[word] = len(rows)
        rows.append([float(v) for v in values])
print(len(rows), "vectors of width", len(rows[0]))

examples = []
for c, e in zip(cs[:2500], en[:2500]):
    w = set(tokens(e))
    f, m = bool(w & {"woman", "women", "girl", "girls", "lady"}), bool(w & {"man", "men", "boy", "boys", "guy"})
    ids = [index[t] for t in tokens(c) if t in index]
    if f != m and ids:
        examples.append((ids, float(f)))
n_dev = 400
dev, train = examples[:n_dev], examples[n_dev:]
print(len(train), "train,", len(dev), "dev, share of women in dev %.3f" % np.mean([y for _, y in dev]))


class BagOfVectors(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(table, mode="mean", freeze=True)
        self.hidden = nn.Linear(table.size(1), 16)
        self.score = nn.Linear(16, 1)

    def forward(self, flat, offsets):
        return self.score(torch.tanh(self.hidden(4 * self.bag(flat, offsets)))).squeeze(1)


def batch(rows):
    flat = torch.tensor([i for ids, _ in rows for i in ids])
    off = torch.tensor(np.cumsum([0] + [len(ids) for ids, _ in rows[:-1]]))
    return flat, off, torch.tensor([y for _, y in rows])


net = BagOfVectors(torch.tensor(rows))
optim = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.01)
bce = nn.BCEWithLogitsLoss()


def accuracy(rows):
    net.eval()
    with torch.no_grad():
        flat, off, y = batch(rows)
        return ((net(flat, off) > 0).float() == y).float().mean().item()


for epoch in range(10):
    net.train()
    order = np.random.permutation(len(train))
    total = 0.0
    for k in range(0, len(order), 32):
        flat, off, y = batch([train[i] for i in order[k:k + 32]])
        loss = bce(net(flat, off), y)
        optim.zero_grad()
        loss.backward()
        optim.step()
        total += loss.item() * len(y)
    print("epoch %d  loss %.4f  train %.3f  dev %.3f" % (epoch, total / len(train), accuracy(train), accuracy(dev)))
