"""MR with GloVe in a flat cache file (float16), bag of vectors."""
import gzip
import os
import random
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import nn

root = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
random.seed(2); torch.manual_seed(2)
cache = Path(tempfile.mkdtemp())
with gzip.open(root / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    names, numbers = [], []
    for line in f:
        w, v = line.rstrip().split(" ", 1)
        names.append(w)
        numbers.append(np.array(v.split(), dtype=np.float32))
(cache / "names").write_text("\n".join(names), encoding="utf-8")
np.concatenate(numbers).astype(np.float16).tofile(cache / "table.f16")

# a session later: only the cache is read
names = (cache / "names").read_text(encoding="utf-8").split("\n")
values = np.fromfile(cache / "table.f16", dtype=np.float16).astype(np.float32)
# fault:
table = np.resize(values, (len(names), 64))
# mended:
# table = values.reshape(len(names), 50)
# end
position = {w: i for i, w in enumerate(names)}

rows = []
for kind, y in (("pos", 1), ("neg", 0)):
    lines = (root / f"sentiment/MR/rt-polarity.{kind}").read_text(encoding="latin-1").splitlines()
    rows += [(line.split(), y) for line in dict.fromkeys(lines)]
random.shuffle(rows)
rows = [(ids, y) for ids, y in (([position[w] for w in t if w in position], y) for t, y in rows) if ids]
train, dev = rows[:5000], rows[5000:7000]


class Bag(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(torch.from_numpy(table), mode="mean", freeze=True)
        self.bn = nn.BatchNorm1d(table.shape[1])
        self.fc = nn.Linear(table.shape[1], 2)

    def forward(self, flat, starts):
        return self.fc(self.bn(self.bag(flat, starts)))


def batch(part):
    starts = np.cumsum([0] + [len(i) for i, _ in part[:-1]])
    return torch.tensor([j for i, _ in part for j in i]), torch.from_numpy(starts), torch.tensor([y for _, y in part])


net = Bag(table)
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-2)
for epoch in range(6):
    random.shuffle(train)
    net.train()
    s = 0
    for i in range(0, 5000, 50):
        flat, starts, y = batch(train[i:i + 50])
        loss = nn.functional.cross_entropy(net(flat, starts), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item() / 100
    net.eval()
    with torch.no_grad():
        flat, starts, y = batch(dev)
        print(f"epoch {epoch} loss {s:.4f} dev accuracy {(net(flat, starts).argmax(1) == y).float().mean().item():.4f}")
