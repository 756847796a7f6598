"""MR sentences with GloVe, convolution with window 3."""
import gzip
import os
import random
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

D = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
random.seed(5); np.random.seed(5); torch.manual_seed(5)

lines = {}
for kind, y in (("pos", 1), ("neg", 0)):
    for l in (D / f"sentiment/MR/rt-polarity.{kind}").read_text(encoding="latin-1").splitlines():
        lines[" ".join(l.split())] = y
rows = [(t.split(), y) for t, y in lines.items() if t]
random.shuffle(rows)
train, dev = rows[:3000], rows[3000:4200]

glove = {}
with gzip.open(D / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.split(" ", 1)
        glove[w] = v
vocab = sorted({w for t, _ in train for w in t if w in glove})
stoi = {w: i + 2 for i, w in enumerate(vocab)}
pre = torch.tensor(np.array([glove[w].split() for w in vocab], dtype=np.float32))


class KimCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.static = nn.Embedding(len(vocab) + 2, 50, padding_idx=0)
        self.static.weight.requires_grad = False
        self.conv = nn.Conv1d(50, 64, 3, padding=1)
        self.fc = nn.Linear(64, 2)

    def load_glove(self, pre):
        # fault:
        weight = self.static.weight.detach().clone()
        weight[2:].copy_(pre)
        # mended:
        # weight = self.static.weight.data
        # weight[1] = pre.mean(0)
        # weight[2:].copy_(pre)
        # end
        print("loaded", tuple(weight[2:].shape))

    def forward(self, x):
        h = F.relu(self.conv(self.static(x).transpose(1, 2)))
        h = h.masked_fill((x == 0).unsqueeze(1), 0.0).max(dim=2)[0]
        return self.fc(F.dropout(h, 0.3, self.training))


def batchify(rows):
    n = max(max(len(t) for t, _ in rows), 3)
    return torch.tensor([[stoi.get(w, 1) for w in t] + [0] * (n - len(t)) for t, _ in rows]), torch.tensor([y for _, y in rows])


net = KimCNN()
net.load_glove(pre)
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=2e-3)
for epoch in range(5):
    net.train()
    random.shuffle(train)
    tot = 0
    for i in range(0, len(train), 50):
        x, y = batchify(train[i:i + 50])
        loss = F.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / 60
    net.eval()
    with torch.no_grad():
        acc = np.mean([(net(x).argmax(1) == y).float().mean().item() for x, y in (batchify(dev[i:i + 200]) for i in range(0, 1200, 200))])
    print(f"epoch {epoch} train loss {tot:.4f} dev acc {acc:.4f}")
