"""SICK relatedness from averaged word2vec (Google News): absolute difference and product of the sentence means -> MLP."""
import gzip
import os
import re

import numpy as np
import torch
from torch import nn

DATA = os.environ["WORDFIT_DATA"]
VECTORS = os.path.join(DATA, "vectors", "word2vec.GoogleNews.300d.13598words.txt.gz")
SICK = os.path.join(DATA, "glue", "SICK")
torch.manual_seed(2)


def read_pairs(name):
    rows = []
    with open(os.path.join(SICK, name), encoding="utf-8") as fh:
        head = fh.readline().rstrip("\n").split("\t")
        a, b, s = head.index("sentence_A"), head.index("sentence_B"), head.index("relatedness_score")
        for line in fh:
            cols = line.rstrip("\n").split("\t")
            rows.append((re.findall(r"[a-z]+", cols[a].lower()), re.findall(r"[a-z]+", cols[b].lower()), float(cols[s])))
    return rows


def read_vectors(path, needed):
    index = {}
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        # fault:
        first = fh.readline().split()
        index[first[0]] = np.array(first[1:], dtype=np.float32)
        # mended:
        #fh.readline()
        # end
        for line in fh:
            word = line[:line.index(" ")]
            if word in needed:
                index[word] = np.array(line.split()[1:], dtype=np.float32)
    return index


train, trial = read_pairs("SICK_train.txt"), read_pairs("SICK_trial.txt")
vocabulary = sorted({w for a, b, _ in train + trial for w in a + b})
vectors = read_vectors(VECTORS, set(vocabulary))
dim = len(next(iter(vectors.values())))
known = [w for w in vocabulary if w in vectors]
word2id = {w: i + 1 for i, w in enumerate(known)}
matrix = np.zeros((len(known) + 1, dim), dtype=np.float32)
for w, i in word2id.items():
    matrix[i] = vectors[w][:dim]
print(f"{len(known)} of {len(vocabulary)} words have a vector, matrix {matrix.shape}")


def batchify(rows, side):
    ids = [[word2id[w] for w in r[side] if w in word2id] or [0] for r in rows]
    width = max(map(len, ids))
    return torch.tensor([x + [0] * (width - len(x)) for x in ids])


class Relatedness(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(torch.from_numpy(weights), freeze=True, padding_idx=0)
        d = weights.shape[1]
        self.mlp = nn.Sequential(nn.Linear(2 * d + 1, 32), nn.Tanh(), nn.Dropout(0.4), nn.Linear(32, 1))

    def mean(self, ids):
        m = (ids > 0).unsqueeze(2).float()
        return (self.embed(ids) * m).sum(1) / m.sum(1).clamp(min=1)

    def forward(self, a, b):
        u, v = self.mean(a), self.mean(b)
        cos = nn.functional.cosine_similarity(u, v, dim=1).unsqueeze(1)
        return self.mlp(torch.cat([10 * (u - v).abs(), 10 * u * v, cos], 1)).squeeze(1)


A, B, Y = batchify(train, 0), batchify(train, 1), torch.tensor([r[2] for r in train])
TA, TB, TY = batchify(trial, 0), batchify(trial, 1), np.array([r[2] for r in trial])
centre = Y.mean()
net = Relatedness(matrix)
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=7e-4, weight_decay=1e-3)
for epoch in range(7):
    net.train()
    tot = 0.0
    for idx in torch.randperm(len(Y)).split(64):
        loss = nn.functional.mse_loss(net(A[idx], B[idx]), Y[idx] - centre)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(idx)
    net.eval()
    with torch.no_grad():
        p = (net(TA, TB) + centre).numpy()
    print(f"epoch {epoch}: train mse {tot / len(Y):.3f}  trial mse {((p - TY) ** 2).mean():.3f}  "
          f"pearson {np.corrcoef(p, TY)[0, 1]:.3f}")
