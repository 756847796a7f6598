"""Linear probe: what do frozen GloVe averages know about SST-2? Nothing but a linear layer is trained."""
import gzip
import os
from pathlib import Path

import numpy as np
import torch
from torch import nn

D = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
torch.manual_seed(0)


def read(split):
    with open(D / f"sentiment/SST-2-sentences/stsa.binary.{split}", encoding="utf-8") as f:
        return [(line.split()[1:], int(line[0])) for line in f]


train, dev = read("train"), read("dev")
vectors = {}
with gzip.open(D / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.split(" ", 1)
        vectors[w] = v
vocab = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in train + dev for w in t if w in vectors}))}
W = torch.zeros(len(vocab) + 1, 50)
W[1:] = torch.from_numpy(np.array([vectors[w].split() for w in vocab], dtype=np.float32))
emb = nn.Embedding.from_pretrained(W, freeze=True, padding_idx=0)
probe = nn.Linear(50, 2)


def features(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in t if w in vocab] or [0]) for t, _ in rows], batch_first=True)
    with torch.no_grad():
        return emb(x).sum(1) / (x > 0).sum(1, keepdim=True).clamp(min=1), torch.tensor([y for _, y in rows])


x, y = features(train)
xd, yd = features(dev)
opt = torch.optim.LBFGS(probe.parameters(), lr=0.5, max_iter=10)


def closure():
    opt.zero_grad()
    loss = nn.functional.cross_entropy(probe(x), y) + 1e-4 * probe.weight.square().sum()
    loss.backward()
    return loss


for step in range(12):
    loss = opt.step(closure)
    if step % 3 == 2:
        with torch.no_grad():
            print(f"step {step} loss {loss.item():.4f} dev accuracy {(probe(xd).argmax(1) == yd).float().mean().item():.4f}")
