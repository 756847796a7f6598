"""SST sentences in blocks of 32 x 32, CNN with max pooling over the words."""
import gzip
import os
import random
from pathlib import Path

import numpy as np
import torch
from torch import nn

root = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
random.seed(40); torch.manual_seed(40)
SIZE = 32  # sentences per batch, words per sentence


def load(name):
    with open(root / f"sentiment/SST-2-sentences/stsa.binary.{name}", encoding="utf-8") as f:
        rows = [(line.split()[1:], int(line[0])) for line in f]
    random.shuffle(rows)
    return [r for r in rows if len(r[0]) <= SIZE]


train, dev = load("train")[: SIZE * 90], load("dev")
dev = dev[: len(dev) // SIZE * SIZE]
glove = {}
with gzip.open(root / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.split(" ", 1)
        glove[w] = v
words = sorted({w for t, _ in train + dev for w in t if w in glove})
stoi = {w: i + 2 for i, w in enumerate(words)}
pre = np.array([glove[w].split() for w in words], dtype=np.float32)
table = torch.from_numpy(np.vstack([np.zeros((1, 50), np.float32), pre.mean(0, keepdims=True), pre]))


class Blocks(nn.Module):
    def __init__(self):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.conv = nn.Conv1d(50, 48, 3, padding=1)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(48, 2)

    def forward(self, ids):
        h = torch.relu(self.conv(self.lookup(ids).transpose(1, 2))).transpose(1, 2)
        h = h * (ids != 0).unsqueeze(-1)
        # fault:
        return self.fc(self.drop(h.max(dim=0).values))
        # mended:
        # return self.fc(self.drop(h.max(dim=1).values))
        # end


def block(rows):
    return torch.tensor([[stoi.get(w, 1) for w in t] + [0] * (SIZE - len(t)) for t, _ in rows]), torch.tensor([y for _, y in rows])


net = Blocks()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=2e-3)
for epoch in range(5):
    random.shuffle(train)
    net.train()
    tot = 0
    for i in range(0, len(train), SIZE):
        ids, y = block(train[i:i + SIZE])
        loss = nn.functional.cross_entropy(net(ids), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / 90
    net.eval()
    hits = 0
    with torch.no_grad():
        for i in range(0, len(dev), SIZE):
            ids, y = block(dev[i:i + SIZE])
            hits += (net(ids).argmax(1) == y).sum().item()
    print(f"epoch {epoch} loss {tot:.4f} dev accuracy {hits / len(dev):.4f}")
