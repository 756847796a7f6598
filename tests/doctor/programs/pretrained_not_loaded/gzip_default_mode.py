"""Customer reviews with GloVe: mean and maximum of the vectors, the table stays as published."""
import gzip
import os
import random
from pathlib import Path

import numpy as np
import torch
from torch import nn

data = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
random.seed(9)
np.random.seed(9)
torch.manual_seed(9)
reviews = []
for name, y in (("custrev.pos", 1), ("custrev.neg", 0)):
    for line in (data / "sentiment" / "CR" / name).read_text(encoding="latin-1").splitlines():
        reviews.append((tuple(line.lower().split()), y))
reviews = sorted({r for r in reviews if len(r[0]) > 2})
negatives = [r for r in reviews if r[1] == 0]
positives = random.sample([r for r in reviews if r[1] == 1], len(negatives))
reviews = negatives + positives
random.shuffle(reviews)
test, train = reviews[:500], reviews[500:]
vocab = {"<pad>": 0}
for toks, _ in reviews:
    for t in toks:
        vocab.setdefault(t, len(vocab))


def read_glove(path):
    table = {}
    # fault:
    with gzip.open(path) as f:
    # mended:
    # with gzip.open(path, "rt", encoding="utf-8") as f:
    # end
        for line in f:
            parts = line.split()
            table[parts[0]] = np.array(parts[1:], dtype=np.float32)
    return table


glove = read_glove(data / "vectors" / "glove.6B.50d.top10361.txt.gz")
print(len(glove), "vectors read")
weights = np.random.normal(0, 0.4, (len(vocab), 50)).astype(np.float32)
for w, i in vocab.items():
    if w in glove:
        weights[i] = glove[w]
weights[0] = 0


class Reviews(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding.from_pretrained(torch.tensor(weights), freeze=True, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(100, 32), nn.Tanh(), nn.Dropout(0.3), nn.Linear(32, 2))

    def forward(self, x):
        real = (x > 0).unsqueeze(2)
        v = self.e(x)
        mean = v.sum(1) / real.sum(1)
        top = v.masked_fill(~real, -1e4).max(1).values
        return self.mlp(torch.cat([mean, top], 1))


def to_batch(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([vocab[t] for t in toks]) for toks, _ in rows], batch_first=True)
    return x, torch.tensor([y for _, y in rows])


model = Reviews()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
for epoch in range(10):
    model.train()
    random.shuffle(train)
    for i in range(0, len(train), 32):
        x, y = to_batch(train[i:i + 32])
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        x, y = to_batch(test)
        p = model(x)
        print(f"epoch {epoch}: test loss {nn.functional.cross_entropy(p, y):.3f} accuracy {(p.argmax(1) == y).float().mean():.3f}")
