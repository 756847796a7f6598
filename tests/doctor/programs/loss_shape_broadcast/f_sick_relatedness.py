"""SICK relatedness (1..5) from GloVe averages, small regression network.

usage: WORDFIT_DATA=... python sick_relatedness.py
"""
import csv
import gzip
import os
import re

import numpy as np
import torch
from scipy.stats import pearsonr, spearmanr

DATA = os.environ["WORDFIT_DATA"]
torch.manual_seed(42)


class Vectors:
    def __init__(self, path):
        self.table = {}
        with gzip.open(path, "rt", encoding="utf-8") as f:
            for line in f:
                word, rest = line.split(" ", 1)
                self.table[word] = np.fromstring(rest, sep=" ", dtype=np.float32)
        self.dim = len(self.table["the"])

    def sentence(self, text):
        tokens = [t for t in re.findall(r"[a-z]+", text.lower()) if t in self.table]
        rows = [self.table[t] for t in tokens] or [np.zeros(self.dim, dtype=np.float32)]
        return np.mean(rows, axis=0), set(tokens)


def features(a, b, vectors):
    (u, wa), (v, wb) = vectors.sentence(a), vectors.sentence(b)
    cosine = float(u @ v / (np.linalg.norm(u) * np.linalg.norm(v) + 1e-8))
    extra = [cosine, len(wa & wb) / max(1, len(wa | wb)), ("no" in wa) != ("no" in wb), abs(len(wa) - len(wb)) / 10]
    return np.concatenate([np.abs(u - v), u * v, np.array(extra, dtype=np.float32)])


def read(name, vectors, limit=None):
    with open(os.path.join(DATA, "glue", "SICK", name), encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))[:limit]
    x = np.stack([features(r["sentence_A"], r["sentence_B"], vectors) for r in rows])
    y = np.array([float(r["relatedness_score"]) for r in rows], dtype=np.float32)
    return torch.from_numpy(x).float(), torch.from_numpy(y)


class Regressor(torch.nn.Module):
    def __init__(self, n_in, hidden=24):
        super().__init__()
        self.net = torch.nn.Sequential(torch.nn.BatchNorm1d(n_in), torch.nn.Dropout(0.2), torch.nn.Linear(n_in, hidden),
                                       torch.nn.Tanh(), torch.nn.Linear(hidden, 1))

    def forward(self, x):
        # fault:
        return self.net(x) + 3.0
        # mended:
        # return self.net(x).squeeze(1) + 3.0
        # end


def mse(pred, gold):
    return ((pred - gold) ** 2).mean()


def evaluate(model, x, y):
    model.eval()
    with torch.no_grad():
        p = model(x).numpy().ravel()
    y = y.numpy()
    return pearsonr(p, y)[0], spearmanr(p, y)[0], float(((p - y) ** 2).mean()), float(p.std())


vectors = Vectors(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"))
train_x, train_y = read("SICK_train.txt", vectors)
dev_x, dev_y = read("SICK_trial.txt", vectors)
test_x, test_y = read("SICK_test_annotated.txt", vectors, 1500)
print("train", tuple(train_x.shape), "variance of the scores", round(train_y.var().item(), 3))

model = Regressor(train_x.shape[1])
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-4)
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(train_x, train_y), batch_size=50, shuffle=True)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.75)
for epoch in range(8):
    model.train()
    losses = []
    for xb, yb in loader:
        loss = mse(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    r, rho, error, _ = evaluate(model, dev_x, dev_y)
    print(f"epoch {epoch}: train loss {np.mean(losses):.4f} | dev r {r:.3f} rho {rho:.3f} mse {error:.3f}")
for name, x, y in (("train", train_x, train_y), ("test", test_x, test_y)):
    print("%s: pearson %.3f spearman %.3f mse %.3f spread of the predictions %.3f" % (name, *evaluate(model, x, y)))
