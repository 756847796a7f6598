"""STS-B: similarity of two sentences, averaged GloVe vectors, a learned projection and the cosine."""
import csv
import gzip
import os
import re

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

ROOT = os.environ.get("WORDFIT_DATA", "../shared/data")
torch.manual_seed(1)
glove = {}
with gzip.open(ROOT + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        glove[w] = np.array(rest.split(), dtype=np.float32)


def sentence_vector(text):
    found = [glove[w] for w in re.findall(r"[a-z]+|\d+|[.,!?]", text.lower()) if w in glove]
    return np.mean(found, axis=0) if found else np.zeros(50, dtype=np.float32)


def read(split):
    a, b, s = [], [], []
    with open(f"{ROOT}/glue/STS-B/{split}.tsv", encoding="utf-8") as f:
        next(f)
        for row in csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            a.append(sentence_vector(row[7]))
            b.append(sentence_vector(row[8]))
            s.append(float(row[9]) / 5)
    return torch.tensor(np.stack(a)), torch.tensor(np.stack(b)), torch.tensor(s)


train, dev = read("train"), read("dev")
center = torch.cat(train[:2]).mean(0)  # the mean vectors all point one way
train_set, dev_set = (TensorDataset(a - center, b - center, s) for a, b, s in (train, dev))


class Similarity(nn.Module):
    def __init__(self):
        super().__init__()
        self.project = nn.Linear(50, 100)

    def forward(self, a, b):
        u, v = self.project(a), self.project(b)
        # fault:
        cos = (u * v).sum(dim=1) / (u.norm() * v.norm())
        # mended:
        # cos = (u * v).sum(dim=1) / (u.norm(dim=1) * v.norm(dim=1) + 1e-8)
        # end
        return cos


model = Similarity()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
loss_fn = nn.MSELoss()
for epoch in range(12):
    total = 0.0
    for a, b, s in DataLoader(train_set, batch_size=32, shuffle=True):
        loss = loss_fn(model(a, b), s)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(s)
    with torch.no_grad():
        a, b, s = dev_set.tensors
        p = model(a, b)
        r = torch.corrcoef(torch.stack([p, s]))[0, 1]
    print(f"epoch {epoch} train mse {total / len(train_set):.4f} dev mse {loss_fn(p, s):.4f} dev pearson {r:.4f}")
