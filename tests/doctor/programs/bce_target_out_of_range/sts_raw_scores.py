"""Sentence similarity (STS-B) as a soft yes/no."""
import gzip
import os
import re
from pathlib import Path

import numpy as np
import torch
from torch import nn

torch.manual_seed(208)
DATA = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
glove = {}
with gzip.open(DATA / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.split()
        glove[w] = np.array(v, np.float32)


def sentence(s):
    v = [glove[w] for w in re.findall(r"\w+", s.lower()) if w in glove]
    return np.mean(v, 0) if v else np.zeros(50, np.float32)


def read(split):
    feats, gold = [], []
    with open(DATA / "glue" / "STS-B" / f"{split}.tsv", encoding="utf-8") as f:
        header = next(f).rstrip("\n").split("\t")
        a, b, s = header.index("sentence1"), header.index("sentence2"), header.index("score")
        for line in f:
            c = line.rstrip("\n").split("\t")
            u, v = sentence(c[a]), sentence(c[b])
            cos = u @ v / (np.linalg.norm(u) * np.linalg.norm(v) + 1e-9)
            feats.append(np.concatenate([np.abs(u - v), u * v, [cos]]).astype(np.float32))
            # fault:
            gold.append(float(c[s]))
            # mended:
            # gold.append(float(c[s]) / 5.0)
            # end
    return torch.tensor(np.stack(feats)), torch.tensor(gold)


x, y = read("train")
xd, yd = read("dev")
net = nn.Sequential(nn.Linear(101, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 1))
criterion = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(8):
    net.train()
    total = 0.0
    for i in torch.randperm(len(y)).split(64):
        loss = criterion(net(x[i]).squeeze(1), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(i)
    net.eval()
    with torch.no_grad():
        p = torch.sigmoid(net(xd).squeeze(1))
    r = torch.corrcoef(torch.stack([p, yd]))[0, 1].item()
    print(f"epoch {epoch} loss {total / len(y):.4f} dev pearson {r:.4f}")
