"""Czech picture captions: is the picture of a woman / girl or of a man / boy?

Step 1 makes word vectors (PPMI + SVD) from unlabelled Czech captions and saves them as text.
Step 2 (a different script at first, now below) loads the file and trains a classifier on few labelled captions.
Labels come from the English side of the same picture.
"""
import gzip
import os
import re
import tempfile
from collections import Counter

import numpy as np
import scipy.sparse as sp
import torch
from scipy.sparse.linalg import svds
from torch import nn

root = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
DIM = 40


def read(name):
    with gzip.open(os.path.join(root, name), "rt", encoding="utf-8") as fh:
        return [re.findall(r"\w+", line.lower()) for line in fh]


# ---------------------------------------------------------------- step 1: vectors
cs, en = read("train.cs.gz"), read("train.en.gz")
corpus = cs[:14000]
count = Counter(w for s in corpus for w in s)
words = [w for w, c in count.most_common(2500)]
pos = {w: i for i, w in enumerate(words)}
rows, cols = [], []
for s in corpus:
    ids = [pos[w] for w in s if w in pos]
    for k in (1, 2):
        rows += ids[:-k] + ids[k:]
        cols += ids[k:] + ids[:-k]
co = sp.coo_matrix((np.ones(len(rows)), (rows, cols)), shape=(len(words),) * 2).tocsr().tocoo()
margin = np.bincount(rows, minlength=len(words)) + 1.0
pmi = np.log(co.data * margin.sum() / (margin[co.row] * margin[co.col] ** 0.75) / margin.sum() * (margin ** 0.75).sum())
ppmi = sp.coo_matrix((np.maximum(pmi, 0), (co.row, co.col)), shape=co.shape).tocsr()
u, sigma, _ = svds(ppmi, k=DIM, random_state=0)
vectors = u * np.sqrt(sigma)
vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
path = os.path.join(tempfile.mkdtemp(), "cs.vec")
with open(path, "w", encoding="utf-8") as fh:
    for w, v in zip(words, vectors):
        fh.write(w + " " + " ".join(f"{x:.4f}" for x in v) + "\n")

# ---------------------------------------------------------------- step 2: classifier
FEMALE, MALE = {"woman", "girl", "women", "girls", "lady"}, {"man", "boy", "men", "boys", "guy"}


def labelled(cs_side, en_side, n):
    out = []
    for c, e in zip(cs_side, en_side):
        f, m = bool(FEMALE & set(e)), bool(MALE & set(e))
        if f != m:
            out.append((c, int(f)))
    few = min(n, 2 * sum(y for _, y in out))
    return [r for r in out if r[1]][:few // 2] + [r for r in out if not r[1]][:few // 2]


train = labelled(cs[14000:], en[14000:], 2600)
test = labelled(read("val.cs.gz") + read("test_2016_flickr.cs.gz"), read("val.en.gz") + read("test_2016_flickr.en.gz"), 900)

table = {}
# fault:
with open(path, encoding="latin-1") as fh:
# mended:
# with open(path, encoding="utf-8") as fh:
# end
    for line in fh:
        parts = line.split(" ")
        table[parts[0]] = np.array(parts[1:], dtype=np.float32)
print(len(table), "vectors,", len(train), "training captions,", len(test), "test captions")
stoi = {w: i + 1 for i, w in enumerate(table)}                # 0: padding and words without a vector
weight = torch.from_numpy(np.vstack([np.zeros((1, DIM), np.float32)] + [table[w][None] for w in stoi]))


def pad(rows, width=30):
    x = torch.zeros(len(rows), width, dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        known = [stoi[w] for w in s if w in stoi][:width]
        x[i, :len(known)] = torch.tensor(known, dtype=torch.long)
    return x, torch.tensor([y for _, y in rows])


class Captions(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weight, freeze=True, padding_idx=0)
        self.lin1, self.lin2 = nn.Linear(DIM, 48), nn.Linear(48, 2)

    def forward(self, x):
        h = torch.relu(self.lin1(self.emb(x))).masked_fill((x == 0).unsqueeze(-1), 0.0)
        return self.lin2(nn.functional.dropout(h.max(dim=1).values, 0.2, self.training))


torch.manual_seed(6)
net = Captions()
opt = torch.optim.Adam((p for p in net.parameters() if p.requires_grad), lr=5e-3)
(xtr, ytr), (xte, yte) = pad(train), pad(test)
for epoch in range(8):
    net.train()
    for idx in torch.randperm(len(xtr)).split(64):
        loss = nn.functional.cross_entropy(net(xtr[idx]), ytr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        a, b = net(xtr), net(xte)
    print(f"epoch {epoch} train loss {nn.functional.cross_entropy(a, ytr):.3f} acc {(a.argmax(1) == ytr).float().mean():.3f} | "
          f"test acc {(b.argmax(1) == yte).float().mean():.3f}")
