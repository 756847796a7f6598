"""Rotten Tomatoes sentences on unit-length GloVe vectors (kept as they are) with a maxout head."""
import gzip
import os
import random
import re
from collections import Counter

import numpy as np
import torch
import torch.nn.functional as F

SEED = 17
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)
DATA = os.environ["WORDFIT_DATA"]
DIM = 50


def sentences():
    seen, out = set(), []
    for name, y in (("neg", 0), ("pos", 1)):
        with open(os.path.join(DATA, "sentiment", "MR", "rt-polarity." + name), encoding="latin-1") as fh:
            for line in fh:
                toks = tuple(re.findall(r"[a-z]+(?:'[a-z]+)?|[!?]", line.lower()))
                if len(toks) > 2 and toks not in seen:
                    seen.add(toks)
                    out.append((toks, y))
    random.shuffle(out)
    return out


rows = sentences()
count = Counter(w for toks, _ in rows for w in toks)
vocab = {w: i for i, w in enumerate(sorted(count))}

matrix = np.zeros((len(vocab), DIM), dtype=np.float32)
have = np.zeros(len(vocab), dtype=bool)
with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as fh:
    for line in fh:
        cut = line.index(" ")
        i = vocab.get(line[:cut])
        if i is not None:
            v = np.array(line[cut + 1:].split(), dtype=np.float32)
            matrix[i] = v / np.linalg.norm(v)
            have[i] = True
missing = np.flatnonzero(~have)
# fault:
matrix[missing] = np.random.normal(0.0, 1.0, (len(missing), DIM))
# mended:
#matrix[missing] = np.random.normal(0.0, 0.3 / np.sqrt(DIM), (len(missing), DIM))
# end
print(f"{len(vocab)} words, {have.sum()} in GloVe")

table = torch.from_numpy(matrix)


def pack(part):
    ids, offsets, ys = [], [], []
    for toks, y in part:
        offsets.append(len(ids))
        ids += [vocab[w] for w in toks]
        ys.append(y)
    return F.embedding_bag(torch.tensor(ids), table, torch.tensor(offsets), mode="mean"), torch.tensor(ys)


x_test, y_test = pack(rows[:1500])
x_train, y_train = pack(rows[1500:])

H, K = 24, 3
w = [torch.randn(K, DIM, H) * DIM ** -0.5 * 2, torch.zeros(K, 1, H), torch.randn(H, 2) * H ** -0.5, torch.zeros(2)]
for t in w:
    t.requires_grad_()


def head(x, drop=0.0):
    h = (torch.einsum("nd,kdh->knh", x, w[0]) + w[1]).max(0).values
    return F.dropout(h, drop, training=drop > 0) @ w[2] + w[3]


opt = torch.optim.AdamW(w, lr=1.2e-2, weight_decay=1e-2)
for epoch in range(8):
    total = 0.0
    for chunk in torch.randperm(len(x_train)).split(128):
        loss = F.cross_entropy(head(x_train[chunk], 0.2), y_train[chunk])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(chunk)
    with torch.no_grad():
        out = head(x_test)
        acc = (out.argmax(1) == y_test).float().mean().item()
        tr = (head(x_train).argmax(1) == y_train).float().mean().item()
        print(f"{epoch:2d} loss {total / len(x_train):.4f} train acc {tr:.3f} "
              f"test loss {F.cross_entropy(out, y_test).item():.4f} acc {acc:.3f}")
