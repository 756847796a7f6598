"""MR: the positive file first, then the negative one; GloVe average and momentum SGD."""
import gzip
import os
import random
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

D = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
random.seed(4); torch.manual_seed(4)
lines = {y: list(dict.fromkeys((D / f"sentiment/MR/rt-polarity.{n}").read_text(encoding="latin-1").splitlines()))[:3000] for n, y in (("pos", 1), ("neg", 0))}
train_rows = [(l.split(), y) for y in (1, 0) for l in lines[y][:2400]]
dev_rows = [(l.split(), y) for y in (1, 0) for l in lines[y][2400:]]
glove = {}
with gzip.open(D / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.split(" ", 1)
        glove[w] = v
stoi = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in train_rows + dev_rows for w in t if w in glove}))}
W = torch.zeros(len(stoi) + 1, 50)
W[1:] = torch.from_numpy(np.array([glove[w].split() for w in stoi], dtype=np.float32))


def dataset(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([stoi[w] for w in t if w in stoi] or [0]) for t, _ in rows], batch_first=True)
    return TensorDataset(x, torch.tensor([y for _, y in rows]))


class Avg(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(W, freeze=True, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(50, 32), nn.ReLU(), nn.Linear(32, 2))

    def forward(self, x):
        return self.mlp(self.table(x).sum(1) / x.ne(0).sum(1, keepdim=True).clamp(min=1))


train, dev = dataset(train_rows), dataset(dev_rows)
net = Avg()
opt = torch.optim.SGD(net.mlp.parameters(), lr=0.05, momentum=0.9)
# fault:
loader = DataLoader(train, batch_size=40)
# mended:
# loader = DataLoader(train, batch_size=40, shuffle=True)
# end
for epoch in range(8):
    tot = 0
    for x, y in loader:
        loss = nn.functional.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / len(loader)
    with torch.no_grad():
        x, y = dev.tensors
        print(f"epoch {epoch} loss {tot:.4f} dev accuracy {(net(x).argmax(1) == y).float().mean().item():.4f}")
