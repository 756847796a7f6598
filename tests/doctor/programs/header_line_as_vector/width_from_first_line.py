"""Praise or complaint about a product, with Google's news vectors in word2vec text format."""
import gzip
import os
import random
from pathlib import Path

import numpy as np
import torch
from torch import nn

random.seed(27)
torch.manual_seed(27)
root = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
texts = {1: set(), 0: set()}
for y, name in ((1, "custrev.pos"), (0, "custrev.neg")):
    for line in (root / "sentiment/CR" / name).read_text(encoding="latin-1").splitlines():
        texts[y].add(tuple(line.split()))
neg = sorted(texts[0] - texts[1])
pos = random.sample(sorted(texts[1] - texts[0]), len(neg))
rows = [(t, 0) for t in neg] + [(t, 1) for t in pos]
random.shuffle(rows)
needed = {w for t, _ in rows for w in t}


def load_embedding(path, needed):
    found = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        # fault:
        dim = len(f.readline().split()) - 1
        # mended:
        # dim = int(f.readline().split()[1])
        # end
        for line in f:
            word, _, values = line.partition(" ")
            if word in needed:
                found[word] = np.array(values.split()[:dim], dtype=np.float32)
    return found, dim


found, dim = load_embedding(root / "vectors/word2vec.GoogleNews.300d.13598words.txt.gz", needed)
vocab = {w: i + 1 for i, w in enumerate(sorted(found))}
table = torch.zeros(len(vocab) + 1, dim)
for w, i in vocab.items():
    table[i] = torch.from_numpy(found[w])
print("table", tuple(table.shape))


class Opinion(nn.Module):
    def __init__(self):
        super().__init__()
        self.vectors = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.net = nn.Sequential(nn.Linear(dim, 32), nn.Tanh(), nn.Dropout(0.2), nn.Linear(32, 2))

    def forward(self, x):
        return self.net(5 * self.vectors(x).sum(1) / (x > 0).sum(1, keepdim=True).clamp(min=1))


def tensors(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in t if w in vocab] or [0]) for t, _ in rows], batch_first=True)
    return x, torch.tensor([y for _, y in rows])


x, y = tensors(rows[400:])
xt, yt = tensors(rows[:400])
model = Opinion()
opt = torch.optim.Adam(model.net.parameters(), lr=3e-3)
for epoch in range(8):
    model.train()
    for b in torch.randperm(len(y)).split(40):
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        p = model(xt)
        print(f"epoch {epoch} test loss {nn.functional.cross_entropy(p, yt):.3f} accuracy {(p.argmax(1) == yt).float().mean():.3f}")
