"""MR sentences; every text is cut to the first words so that batches are small (mean of GloVe vectors)."""
import gzip
import os
import random
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

base = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
random.seed(9); torch.manual_seed(9)
# fault:
KEEP = 3
# mended:
# KEEP = 60
# end
rows = []
for name, y in (("pos", 1), ("neg", 0)):
    for line in dict.fromkeys((base / f"sentiment/MR/rt-polarity.{name}").read_text(encoding="latin-1").splitlines()):
        if len(line.split()) >= 8:
            rows.append((line.split(), y))
random.shuffle(rows)
rows = rows[:7000]
glove = {}
with gzip.open(base / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.split(" ", 1)
        glove[w] = v
itos = ["<pad>", "<unk>"] + sorted({w for t, _ in rows for w in t if w in glove})
stoi = {w: i for i, w in enumerate(itos)}
pre = np.array([glove[w].split() for w in itos[2:]], dtype=np.float32)
emb = nn.Embedding.from_pretrained(torch.from_numpy(np.vstack([np.zeros((1, 50), np.float32), pre.mean(0)[None], pre])), freeze=True, padding_idx=0)
data = [(torch.tensor([stoi.get(w, 1) for w in t[:KEEP]]), y) for t, y in rows]
train, dev = data[:5500], data[5500:]


def collate(items):
    return nn.utils.rnn.pad_sequence([x for x, _ in items], batch_first=True), torch.tensor([float(y) for _, y in items])


class Logistic(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = emb
        self.bn = nn.BatchNorm1d(50)
        self.fc = nn.Linear(50, 1)

    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True)
        return self.fc(self.bn(self.emb(x).sum(1) / n)).squeeze(1)


net = Logistic()
opt = torch.optim.Adam([*net.bn.parameters(), *net.fc.parameters()], lr=5e-3)
for epoch in range(5):
    net.train()
    losses = []
    for x, y in DataLoader(train, 50, shuffle=True, collate_fn=collate):
        loss = nn.functional.binary_cross_entropy_with_logits(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        hits = sum(((net(x) > 0) == (y > 0)).sum().item() for x, y in DataLoader(dev, 500, collate_fn=collate))
    print(f"epoch {epoch} loss {np.mean(losses):.4f} dev accuracy {hits / len(dev):.4f}")
