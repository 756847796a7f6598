"""SST-5 as an ordered scale: cumulative logits with learned cut points over GloVe means."""
import gzip
import os
from pathlib import Path

import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(3)
data = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
glove = {}
with gzip.open(data / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.split(" ", 1)
        glove[w] = v


def read(split):
    for line in open(data / f"sentiment/SST-5/stsa.fine.{split}", encoding="utf-8"):
        yield line[2:].split(), int(line[0])


train, dev = list(read("train")), list(read("dev"))
vocab = {w: i for i, w in enumerate(sorted({w for t, _ in train + dev for w in t if w in glove}))}
table = torch.from_numpy(np.array([glove[w].split() for w in vocab], dtype=np.float32))


class Ordinal(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(table, mode="mean", freeze=True)
        self.mlp = nn.Sequential(nn.Linear(50, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 1))
        self.first = nn.Parameter(torch.tensor(-2.0))
        self.steps = nn.Parameter(torch.zeros(3))

    def forward(self, ids, offsets):
        cuts = torch.cat([self.first[None], self.first + F.softplus(self.steps).cumsum(0)])
        return self.mlp(self.bag(ids, offsets)) - cuts  # logits of rating > 0, 1, 2, 3


def pack(rows):
    seqs = [[vocab[w] for w in t if w in vocab] for t, _ in rows]
    y = torch.tensor([r for _, r in rows])
    return torch.tensor(sum(seqs, [])), torch.tensor([0] + [len(s) for s in seqs]).cumsum(0)[:-1], (y[:, None] > torch.arange(4)).float()


model = Ordinal()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
ids_dev, off_dev, y_dev = pack(dev)
for epoch in range(6):
    model.train()
    for b in torch.randperm(len(train)).split(64):
        ids, off, y = pack([train[i] for i in b.tolist()])
        loss = F.binary_cross_entropy_with_logits(model(ids, off), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        out = model(ids_dev, off_dev)
        rating, gold = torch.sigmoid(out).sum(1), y_dev.sum(1)
        r = torch.corrcoef(torch.stack([rating, gold]))[0, 1]
    print(f"epoch {epoch} dev loss {F.binary_cross_entropy_with_logits(out, y_dev):.4f} correlation {r:.3f} mean error {(rating - gold).abs().mean():.3f}")
