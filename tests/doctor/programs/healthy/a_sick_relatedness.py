"""SICK relatedness (1 to 5) by regression on frozen GloVe averages; scored by Pearson's r."""
import gzip
import os
import re
from pathlib import Path

import numpy as np
import torch
from torch import nn

D = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
torch.manual_seed(15)


def read(name):
    with open(D / f"glue/SICK/{name}.txt", encoding="utf-8") as f:
        next(f)
        for line in f:
            _, a, b, score, *_ = line.rstrip("\n").split("\t")
            yield re.findall(r"\w+", a.lower()), re.findall(r"\w+", b.lower()), float(score)


train, dev = list(read("SICK_train")), list(read("SICK_trial"))
glove = {}
with gzip.open(D / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.split(" ", 1)
        glove[w] = v
vocab = {w: i + 1 for i, w in enumerate(sorted({w for a, b, _ in train + dev for w in a + b if w in glove}))}
W = torch.zeros(len(vocab) + 1, 50)
W[1:] = torch.from_numpy(np.array([glove[w].split() for w in vocab], dtype=np.float32))


def ids(sents):
    return nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in s if w in vocab] or [0]) for s in sents], batch_first=True)


class Relatedness(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(W, freeze=True, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(101, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 1))

    def average(self, x):
        return self.emb(x).sum(1) / (x > 0).sum(1, keepdim=True).clamp(min=1)

    def forward(self, a, b):
        u, v = self.average(a), self.average(b)
        cos = nn.functional.cosine_similarity(u, v, eps=1e-6).unsqueeze(1)
        return self.mlp(torch.cat([(u - v).abs(), u * v, 5 * cos - 4], 1)).squeeze(1)


def tensors(rows):
    return ids([r[0] for r in rows]), ids([r[1] for r in rows]), torch.tensor([r[2] for r in rows])


a, b, y = tensors(train)
da, db, dy = tensors(dev)
model = Relatedness()
with torch.no_grad():
    model.mlp[-1].bias.fill_(y.mean().item())
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
for epoch in range(8):
    model.train()
    tot = 0
    for i in torch.randperm(len(y)).split(64):
        loss = nn.functional.smooth_l1_loss(model(a[i], b[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(i) / len(y)
    model.eval()
    with torch.no_grad():
        p = model(da, db)
        r = torch.corrcoef(torch.stack([p, dy]))[0, 1].item()
    print(f"epoch {epoch} loss {tot:.4f} dev pearson {r:.4f}")
