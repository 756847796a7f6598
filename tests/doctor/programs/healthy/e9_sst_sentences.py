# Movie sentences: good or bad? Frozen GloVe + masked pooling (SST-2, full sentences)
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(1)
torch.manual_seed(1)
D = os.environ["WORDFIT_DATA"]


def load(name):
    out = []
    with open(os.path.join(D, "sentiment/SST-2-sentences", name), encoding="utf8") as f:
        for line in f:
            label, text = line.rstrip("\n").split(" ", 1)
            out.append((text.lower(), int(label)))
    return out


train = load("stsa.binary.train")
random.shuffle(train)
train = train[:4000]
seen = {t for t, _ in train}
dev = [r for r in load("stsa.binary.dev") if r[0] not in seen]

stoi, table = {"<pad>": 0, "<unk>": 1}, [np.zeros(50), np.zeros(50)]
needed = {w for t, _ in train for w in t.split()}
with gzip.open(os.path.join(D, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as f:
    for line in f:
        w, *v = line.rstrip().split(" ")
        if w in needed:
            stoi[w] = len(table)
            table.append(np.array(v, dtype=float))
table = torch.tensor(np.array(table), dtype=torch.float32)
table[1] = table[2:].mean(0)


def make(rows):
    n = max(len(t.split()) for t, _ in rows)
    x = torch.zeros(len(rows), n, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        ids = [stoi.get(w, 1) for w in t.split()]
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([l for _, l in rows])


class Pooled(nn.Module):
    def __init__(self, table, hidden=64):
        super().__init__()
        self.register_buffer("table", table)          # vectors are not trained here
        self.token = nn.Linear(table.size(1), hidden)
        self.head = nn.Sequential(nn.Dropout(0.5), nn.Linear(2 * hidden, 2))

    def forward(self, x):
        pad = (x == 0).unsqueeze(-1)
        h = torch.relu(self.token(F.embedding(x, self.table)))
        mean = h.masked_fill(pad, 0).sum(1) / (~pad).sum(1).clamp(min=1)
        peak = h.masked_fill(pad, 0).max(1).values    # h is never negative
        return self.head(torch.cat([mean, peak], 1))


model = Pooled(table)
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 8)
Xd, yd = make(dev)
print(len(train), len(dev), "majority", max(yd.float().mean().item(), 1 - yd.float().mean().item()))

for epoch in range(8):
    model.train()
    random.shuffle(train)
    tot, right = 0.0, 0
    for i in range(0, len(train), 50):
        x, y = make(train[i:i + 50])
        out = model(x)
        loss = F.cross_entropy(out, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(y)
        right += (out.argmax(1) == y).sum().item()
    sched.step()
    model.eval()
    with torch.no_grad():
        out = model(Xd)
    print("epoch %d  train %.3f / %.3f   dev %.3f / %.3f" % (
        epoch + 1, tot / len(train), right / len(train),
        F.cross_entropy(out, yd).item(), (out.argmax(1) == yd).float().mean().item()))
