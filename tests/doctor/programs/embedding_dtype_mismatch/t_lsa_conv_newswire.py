"""Home-made word vectors (LSA over a word-word count matrix) under a small CNN. Task: news, captions or reviews?"""
import gzip
import os
import re

import numpy as np
import torch
from torch import nn
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import svds

rng = np.random.RandomState(0)
torch.manual_seed(0)
ROOT = os.environ["WORDFIT_DATA"]
FILES = {"news": "corpora/reuters-21578-bodies.txt.gz", "caption": "seq2seq/multi30k/train.en.gz", "review": "corpora/imdb-unsup-25k.txt.gz"}
LEN = 10


def windows(path, n):
    """the first LEN words of every third line"""
    out = []
    with gzip.open(os.path.join(ROOT, path), "rt", encoding="utf-8") as fh:
        for no, line in enumerate(fh):
            toks = re.findall(r"[a-z]+", line.lower())
            if no % 3 == 0 and len(toks) >= LEN and toks[:LEN] not in out[-50:]:
                out.append(toks[:LEN])
                if len(out) == n:
                    return out
    return out


data = [(w, c) for c, p in enumerate(FILES.values()) for w in windows(p, 900)]
data = [data[i] for i in rng.permutation(len(data))]
test, train = data[:500], data[500:]

counts = {}
for w, _ in train:
    for t in w:
        counts[t] = counts.get(t, 0) + 1
words = ["<unk>"] + sorted((t for t in counts if counts[t] >= 4), key=lambda t: -counts[t])
index = {t: i for i, t in enumerate(words)}
enc = lambda rows: torch.tensor([[index.get(t, 0) for t in w] for w, _ in rows])
Xtr, Xte = enc(train), enc(test)
ytr, yte = torch.tensor([c for _, c in train]), torch.tensor([c for _, c in test])

# co-occurrence within three words, PMI, SVD
i, j = [], []
for row in Xtr.tolist():
    for a in range(LEN):
        for b in range(max(0, a - 3), a):
            i += [row[a], row[b]]
            j += [row[b], row[a]]
C = coo_matrix((np.ones(len(i)), (i, j)), shape=(len(words),) * 2).tocsr()
p = np.asarray(C.sum(1)).ravel() / C.sum()
C = C.tocoo()
pmi = np.maximum(0, np.log(C.data / C.data.sum() / (p[C.row] * p[C.col])))
U, S, _ = svds(coo_matrix((pmi, (C.row, C.col)), shape=C.shape).tocsr(), k=24, v0=np.ones(len(words)))
vectors = U * np.sqrt(S)
print("vectors", vectors.shape, "train", len(train), "test", len(test))


class WordCNN(nn.Module):
    def __init__(self, table, classes):
        super().__init__()
        # fault:
        self.lookup = nn.Embedding.from_pretrained(torch.from_numpy(table.copy()))
        # mended:
        # self.lookup = nn.Embedding.from_pretrained(torch.from_numpy(table.copy()).float())
        # end
        self.conv = nn.Conv1d(table.shape[1], 24, kernel_size=3)
        self.out = nn.Sequential(nn.Dropout(0.4), nn.Linear(24, classes))

    def forward(self, ids):
        x = self.lookup(ids).transpose(1, 2)
        return self.out(torch.relu(self.conv(x)).amax(dim=2))


cnn = WordCNN(vectors, len(FILES))
optimizer = torch.optim.Adam([q for q in cnn.parameters() if q.requires_grad], lr=2e-3)
criterion = nn.CrossEntropyLoss()


def accuracy(X, y):
    cnn.eval()
    with torch.no_grad():
        return (cnn(X).argmax(1) == y).float().mean().item()


for epoch in range(6):
    cnn.train()
    run = 0.0
    for idx in torch.randperm(len(Xtr)).split(32):
        optimizer.zero_grad()
        loss = criterion(cnn(Xtr[idx]), ytr[idx])
        loss.backward()
        optimizer.step()
        run += loss.item() * len(idx)
    print(f"{epoch}: {run / len(Xtr):.3f} train {accuracy(Xtr, ytr):.3f} test {accuracy(Xte, yte):.3f}")
