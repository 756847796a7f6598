"""Query understanding: which vertical does a short query belong to?

GloVe is kept fixed so that words outside the labelled queries work as well.
"""
import gzip
import os
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(11)
rs = np.random.RandomState(11)
DATA = Path(os.environ["WORDFIT_DATA"])

# ---------------------------------------------------------------- word lists
sections, current = {}, None
for line in open(DATA / "wordsim/analogy/questions-words.txt", encoding="utf-8"):
    if line.startswith(":"):
        current = line[1:].strip()
        sections[current] = []
    else:
        sections[current].append(line.lower().split())
cols = lambda name, k: {r[k] for r in sections[name]} | {r[k + 2] for r in sections[name]}
verticals = {
    "country": cols("capital-world", 1),
    "city": cols("capital-world", 0) | cols("city-in-state", 0),
    "nationality": cols("gram6-nationality-adjective", 1),
    "quality": cols("gram3-comparative", 0) | cols("gram3-comparative", 1),
    "things": cols("gram8-plural", 1),
    "actions": cols("gram7-past-tense", 0) | cols("gram7-past-tense", 1),
}

# ---------------------------------------------------------------- vectors
words, rows = [], []
with gzip.open(DATA / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for line in fh:
        w, rest = line.rstrip("\n").split(" ", 1)
        words.append(w)
        rows.append(np.fromstring(rest, dtype=np.float32, sep=" "))
glove = np.stack(rows)

SPECIAL = ["<pad>", "<unk>"]
# fault:
matrix = np.vstack([np.zeros((1, 50), np.float32), glove, glove.mean(0, keepdims=True)])
# mended:
# matrix = np.vstack([np.zeros((1, 50), np.float32), glove.mean(0, keepdims=True), glove])
# end
index = {w: i for i, w in enumerate(SPECIAL + words)}
print("embedding table", matrix.shape, "vocabulary", len(index))

# ---------------------------------------------------------------- queries
labels = sorted(verticals)
pools = {"train": {}, "dev": {}}
for name in labels:
    known = sorted(w for w in verticals[name] if w in index)
    rs.shuffle(known)
    cut = int(len(known) * .65)
    pools["train"][name], pools["dev"][name] = known[:cut], known[cut:]


def queries(split, n):
    X, Y = [], []
    for _ in range(n):
        y = rs.randint(len(labels))
        k = rs.randint(1, 4)
        ids = [index[w] for w in rs.choice(pools[split][labels[y]], k)]
        X.append(ids + [0] * (3 - k))
        Y.append(y)
    return TensorDataset(torch.tensor(X), torch.tensor(Y))


train_dl = DataLoader(queries("train", 1800), batch_size=32, shuffle=True)
dev_dl = DataLoader(queries("dev", 500), batch_size=250)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.vec = nn.Embedding.from_pretrained(torch.from_numpy(matrix), freeze=True, padding_idx=0)
        self.drop = nn.Dropout(.1)
        self.fc = nn.Linear(50, len(labels))

    def forward(self, q):
        n = (q > 0).sum(1, keepdim=True)
        return self.fc(self.drop(self.vec(q).sum(1) / n))


net = Net()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-2)
for epoch in range(6):
    net.train()
    tot = 0.
    for q, y in train_dl:
        loss = nn.functional.cross_entropy(net(q), y)
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(y)
    net.eval()
    with torch.no_grad():
        score = lambda dl: float(np.mean(np.concatenate([(net(q).argmax(1) == y).numpy() for q, y in dl])))
        print(f"{epoch}: loss {tot / 1800:.3f}  train acc {score(train_dl):.3f}  dev acc (new words) {score(dev_dl):.3f}")
