"""MR sentences, GloVe, GRU; the texts are brought to one length once and for all."""
import gzip
import os
import random
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(11); torch.manual_seed(11)
DATA = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
rows = []
for name, y in (("pos", 1), ("neg", 0)):
    for line in dict.fromkeys((DATA / f"sentiment/MR/rt-polarity.{name}").read_text(encoding="latin-1").splitlines()):
        rows.append((line.split(), y))
random.shuffle(rows)
rows = [r for r in rows if 3 <= len(r[0]) <= 36][:2400]
vec = {}
with gzip.open(DATA / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        vec[w] = rest
words = sorted({w for t, _ in rows for w in t if w in vec})
stoi = {w: i + 2 for i, w in enumerate(words)}
table = torch.zeros(len(words) + 2, 50)
table[2:] = torch.tensor(np.array([vec[w].split() for w in words], dtype=np.float32))
table[1] = table[2:].mean(0)

X = torch.zeros(len(rows), 36, dtype=torch.long)
N = torch.tensor([len(t) for t, _ in rows])
for i, (t, _) in enumerate(rows):
    X[i, : len(t)] = torch.tensor([stoi.get(w, 1) for w in t])
Y = torch.tensor([y for _, y in rows])
train = TensorDataset(X[:1900], N[:1900], Y[:1900])
dev = TensorDataset(X[1900:], N[1900:], Y[1900:])


class ReviewGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.rnn = nn.GRU(50, 32, batch_first=True)
        self.fc = nn.Linear(32, 2)

    def forward(self, x, n):
        states, final = self.rnn(self.emb(x))
        # fault:
        return self.fc(final.squeeze(0))
        # mended:
        # return self.fc(states[torch.arange(len(n)), n - 1])
        # end


model = ReviewGRU()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
for epoch in range(5):
    model.train()
    losses = []
    for x, n, y in DataLoader(train, batch_size=50, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x, n), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        acc = sum((model(x, n).argmax(1) == y).sum().item() for x, n, y in DataLoader(dev, 200)) / len(dev)
    print(f"epoch {epoch}: loss {np.mean(losses):.4f} dev {acc:.4f}")
