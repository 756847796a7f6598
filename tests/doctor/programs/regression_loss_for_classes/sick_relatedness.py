"""How related are two sentences (SICK, 1 to 5)? GloVe averages into a small network."""
import csv
import gzip
import os
import pathlib

import numpy as np
import torch
from torch import nn

torch.manual_seed(7)
home = pathlib.Path(os.environ.get("WORDFIT_DATA", "../shared/data"))


def rows(name):
    with open(home / "glue" / "SICK" / name, encoding="utf-8") as f:
        for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield r["sentence_A"].lower().split(), r["sentence_B"].lower().split(), float(r["relatedness_score"])


train, dev = list(rows("SICK_train.txt")), list(rows("SICK_trial.txt"))
need = {w for a, b, _ in train + dev for w in a + b}
glove = {}
with gzip.open(home / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, _, rest = line.partition(" ")
        if w in need:
            glove[w] = np.array(rest.split(), dtype=np.float32)


def mean(tokens):
    return np.mean([glove[w] for w in tokens if w in glove] or [np.zeros(50, np.float32)], axis=0)


def features(data):
    u, v = np.stack([mean(a) for a, _, _ in data]), np.stack([mean(b) for _, b, _ in data])
    return torch.from_numpy(np.concatenate([np.abs(u - v), u * v], 1)), torch.tensor([s for _, _, s in data])


x, y = features(train)
xd, yd = features(dev)
mlp = nn.Sequential(nn.Linear(100, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 1))
nn.init.constant_(mlp[-1].bias, 3.0)
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.MSELoss()
# end
optimizer = torch.optim.Adam(mlp.parameters(), lr=2e-3)
for epoch in range(1, 13):
    mlp.train()
    for b in torch.randperm(len(y)).split(64):
        out = mlp(x[b]).squeeze(-1)
        loss = criterion(out, y[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    mlp.eval()
    with torch.no_grad():
        p = mlp(xd).squeeze(-1)
        r = torch.corrcoef(torch.stack([p, yd]))[0, 1]
    if epoch % 3 == 0:
        print(f"epoch {epoch} loss {loss.item():.3f} Pearson {r:.3f} mean absolute error {(p - yd).abs().mean():.3f}")
