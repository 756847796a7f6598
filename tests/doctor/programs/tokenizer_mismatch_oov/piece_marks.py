"""Good or bad news for the company? Sentence-piece style tokens, GloVe kept fixed, logistic layer on the mean."""
import gzip
import os
import random
import re
from pathlib import Path

import torch
from torch import nn

random.seed(38)
torch.manual_seed(38)
root = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
MARK = "\u2581"


def pieces(text):
    """Words carry the mark of a preceding space; a plural or past ending is a piece of its own."""
    out = []
    for w in re.findall(r"[a-z]+", text.lower()):
        out.append(MARK + w)
    return out


rows = {"positive": [], "negative": []}
for line in (root / "sentiment/financial-phrasebank/Sentences_50Agree.txt").read_text(encoding="utf-8").splitlines():
    text, _, label = line.rpartition("@")
    if label in rows and pieces(text):
        rows[label].append(tuple(pieces(text)))
neg, pos = sorted(set(rows["negative"])), sorted(set(rows["positive"]))
random.shuffle(pos)
data = [(t, 0) for t in neg] + [(t, 1) for t in pos[: len(neg)]]
random.shuffle(data)
with gzip.open(root / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    glove = {l.split(" ", 1)[0]: l.split(" ", 1)[1] for l in f}
vocab = {}
for t, _ in data:
    for p in t:
        vocab.setdefault(p, len(vocab) + 1)
table = torch.randn(len(vocab) + 1, 50) * 0.4
for p, i in vocab.items():
    # fault:
    vec = glove.get(p)
    # mended:
    # vec = glove.get(p.lstrip(MARK))
    # end
    if vec is not None:
        table[i] = torch.tensor([float(x) for x in vec.split()])
table[0] = 0.0
embedding = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
layer = nn.Sequential(nn.Linear(50, 40), nn.Tanh(), nn.Linear(40, 1))


def forward(x):
    return layer(embedding(x).sum(1) / (x > 0).sum(1, keepdim=True)).squeeze(1)


X = nn.utils.rnn.pad_sequence([torch.tensor([vocab[p] for p in t]) for t, _ in data], batch_first=True)
Y = torch.tensor([float(y) for _, y in data])
n = len(Y) - 300
opt = torch.optim.Adam(layer.parameters(), lr=5e-3)
for epoch in range(12):
    for b in torch.randperm(n).split(32):
        loss = nn.functional.binary_cross_entropy_with_logits(forward(X[b]), Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 3 == 2:
        with torch.no_grad():
            p = forward(X[n:])
            print(f"epoch {epoch + 1} loss {loss.item():.3f} test loss {nn.functional.binary_cross_entropy_with_logits(p, Y[n:]):.3f} accuracy {((p > 0) == (Y[n:] > 0.5)).float().mean():.3f}")
