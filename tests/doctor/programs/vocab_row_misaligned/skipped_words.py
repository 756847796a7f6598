"""Emotion of tweets with Twitter GloVe; rows are appended for the words that have a vector."""
import gzip
import os
import re
from collections import Counter
from pathlib import Path

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

torch.manual_seed(8)
base = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))


def load(split):
    d = base / "sentiment/tweeteval/emotion"
    texts = d.joinpath(f"{split}_text.txt").read_text(encoding="utf-8").splitlines()
    labels = d.joinpath(f"{split}_labels.txt").read_text().split()
    return [(re.findall(r"[a-z]+", t.lower()), int(y)) for t, y in zip(texts, labels) if y in "013"]  # anger, joy, sadness


train, test = load("train"), load("test")
remap = {0: 0, 1: 1, 3: 2}
glove = {}
with gzip.open(base / "vectors/glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.rstrip().split(" ", 1)
        glove[w] = rest

freq = Counter(t for toks, _ in train for t in toks)
# fault:
words = [w for w, n in freq.most_common() if n > 1]
# mended:
# words = [w for w, n in freq.most_common() if n > 1 and w in glove]
# end
stoi = {"<pad>": 0, "<unk>": 1}
for w in words:
    stoi[w] = len(stoi)
rows = [list(map(float, glove[w].split())) for w in words if w in glove]
table = torch.zeros(len(stoi), 25)
table[2:2 + len(rows)] = torch.tensor(rows)
table[1] = torch.tensor(rows).mean(0)


class Emotion(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.fc1 = nn.Linear(50, 48)
        self.fc2 = nn.Linear(48, 3)
        self.dropout = nn.Dropout(0.2)

    def forward(self, x):
        e = self.embedding(x)
        m = (x != 0).unsqueeze(-1)
        mean = (e * m).sum(1) / m.sum(1).clamp(min=1)
        peak = e.masked_fill(~m, -10).amax(1).clamp(min=-10)
        return self.fc2(self.dropout(torch.relu(self.fc1(torch.cat([mean, peak], 1)))))


def batch(rows):
    x = pad_sequence([torch.tensor([stoi.get(t, 1) for t in toks] or [1]) for toks, _ in rows], batch_first=True)
    return x, torch.tensor([remap[y] for _, y in rows])


X, Y = batch(train)
Xt, Yt = batch(test)
weight = len(Y) / (3.0 * torch.bincount(Y))
model = Emotion()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3)
criterion = nn.CrossEntropyLoss(weight=weight)
for epoch in range(10):
    model.train()
    tot = 0.0
    for b in torch.randperm(len(X)).split(50):
        opt.zero_grad()
        loss = criterion(model(X[b]), Y[b])
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        p = model(Xt).argmax(1)
        recall = sum((p[Yt == c] == c).float().mean().item() for c in range(3)) / 3
    print(f"epoch {epoch} loss {tot / len(X):.4f} macro recall {recall:.4f}")
