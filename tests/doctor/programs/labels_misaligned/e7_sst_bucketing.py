# SST-2 (sentences) + GloVe 50d baseline.  Kaggle kernel exported as .py
import gzip
import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.metrics import accuracy_score

SEED = 2021
np.random.seed(SEED)
torch.manual_seed(SEED)
DATA = os.environ["WORDFIT_DATA"]


def read_split(name):
    X, Y = [], []
    for line in open(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.{name}", encoding="utf-8"):
        lab, sent = line.rstrip("\n").split(" ", 1)
        X.append(sent.lower().split())
        Y.append(int(lab))
    return X, Y


X_train, y_train = read_split("train")
X_valid, y_valid = read_split("test")
known = {" ".join(s) for s in X_train}
keep = [i for i, s in enumerate(X_valid) if " ".join(s) not in known]
X_valid, y_valid = [X_valid[i] for i in keep], [y_valid[i] for i in keep]
perm = np.random.permutation(len(X_train))[:4500]
X_train, y_train = [X_train[i] for i in perm], [y_train[i] for i in perm]

# ---- vectors -------------------------------------------------------------
corpus_words = {w for s in X_train for w in s}
word2id = {"[PAD]": 0, "[UNK]": 1}
rows = [np.zeros(50, "float32"), None]
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for line in fh:
        w, *v = line.rstrip().split(" ")
        if w not in corpus_words:
            continue
        word2id[w] = len(word2id)
        rows.append(np.array(v, "float32"))
rows[1] = np.mean(rows[2:], axis=0)
matrix = torch.from_numpy(np.stack(rows))

# ---- sort by length so that a batch has hardly any padding ----------------
order = sorted(range(len(X_train)), key=lambda i: len(X_train[i]))
X_train = [X_train[i] for i in order]
# fault:
y_train = np.array(y_train)
# mended:
#y_train = np.array(y_train)[order]
# end
y_valid = np.array(y_valid)


def pad_batch(sents):
    L = max(map(len, sents))
    ids = np.zeros((len(sents), L), dtype=np.int64)
    for r, s in enumerate(sents):
        ids[r, :len(s)] = [word2id.get(w, 1) for w in s]
    return torch.from_numpy(ids)


def make_batches(X, y, bs):
    return [(pad_batch(X[i:i + bs]), torch.from_numpy(y[i:i + bs])) for i in range(0, len(X), bs)]


train_batches = make_batches(X_train, y_train, 50)
valid_batches = make_batches(X_valid, y_valid, 200)


class AvgNet(nn.Module):
    def __init__(self, weights, hidden=32):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weights, freeze=False, padding_idx=0)
        self.fc1 = nn.Linear(50, hidden)
        self.drop = nn.Dropout(0.4)
        self.fc2 = nn.Linear(hidden, 2)

    def forward(self, ids):
        m = (ids > 0)[..., None]
        e = self.emb(ids)
        avg = (e * m).sum(1) / m.sum(1)
        return self.fc2(self.drop(F.relu(self.fc1(avg))))


model = AvgNet(matrix)
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-2)


def predict(batches):
    model.eval()
    with torch.no_grad():
        return np.concatenate([model(x).argmax(-1).numpy() for x, _ in batches])


for ep in range(4):
    model.train()
    total = 0
    for b in np.random.permutation(len(train_batches)):
        xb, yb = train_batches[b]
        loss = F.cross_entropy(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"ep {ep} train loss {total / len(train_batches):.4f} "
          f"valid acc {accuracy_score(y_valid, predict(valid_batches)):.4f}")

print("TRAIN acc:", round(accuracy_score(y_train, predict(train_batches)), 4))
print("CV score:", round(accuracy_score(y_valid, predict(valid_batches)), 4))
