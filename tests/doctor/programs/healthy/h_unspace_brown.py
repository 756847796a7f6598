#!/usr/bin/env python
# thequickbrownfox -> the quick brown fox
#
# Puts spaces back into squeezed English text. Every character is tagged 1 if a space follows. Dilated convolutions,
# windows of a fixed length cut from Brown sentences (so there is nothing to pad), BCE, F1 on sentences not trained on.
import gzip, os, random
import numpy as np, torch
from torch import nn

random.seed(4); torch.manual_seed(4)
W = 64
ALPHABET = "abcdefghijklmnopqrstuvwxyz"

def windows(lines):
    for line in lines:
        toks = ["".join(ch for ch in w if ch in ALPHABET) for w in line.lower().split()]
        toks = [t for t in toks if t]
        chars, tags = [], []
        for t in toks:
            chars += [ALPHABET.index(ch) for ch in t]
            tags += [0] * (len(t) - 1) + [1]
        for s in range(0, len(chars) - W + 1, W):
            yield chars[s:s + W], tags[s:s + W]

with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "corpora/brown.txt.gz"), "rt") as fh:
    lines = fh.read().split("\n")
random.shuffle(lines)
data = []
for pair in windows(lines):
    data.append(pair)
    if len(data) == 2300: break
X = torch.tensor([c for c, _ in data]); Y = torch.tensor([t for _, t in data]).float()
# windows come in order of their sentences, so the tail holds other sentences than the head (but for one at the seam)
Xtr, Ytr, Xte, Yte = X[:2000], Y[:2000], X[2010:], Y[2010:]
print("windows:", len(Xtr), "+", len(Xte), " share of positions with a space:", round(Ytr.mean().item(), 3))

class Residual(nn.Module):
    def __init__(self, ch, dilation):
        super().__init__()
        self.conv = nn.Conv1d(ch, ch, 3, padding=dilation, dilation=dilation)
        self.norm = nn.BatchNorm1d(ch)
    def forward(self, x):
        return x + torch.relu(self.norm(self.conv(x)))

CH = 36
net = nn.Sequential()
net.add_module("emb", nn.Embedding(len(ALPHABET), CH))
class Swap(nn.Module):
    def forward(self, x): return x.transpose(1, 2)
net.add_module("swap", Swap())
for k, d in enumerate((1, 2, 4)):
    net.add_module(f"res{k}", Residual(CH, d))
net.add_module("out", nn.Conv1d(CH, 1, 1))
net.add_module("squeeze", nn.Flatten())

def f1(x, y):
    net.train(False)
    with torch.no_grad():
        z = torch.cat([net(b) for b in x.split(500)])
    hit, said, true = ((z > 0) & (y > 0)).sum().item(), (z > 0).sum().item(), y.sum().item()
    p, r = hit / max(said, 1), hit / true
    return p, r, 2 * hit / (said + true)

EPOCHS, BS = 5, 40
opt = torch.optim.AdamW(net.parameters(), lr=6e-3, weight_decay=1e-3)
total = EPOCHS * (len(Xtr) // BS); step = 0
bce = nn.BCEWithLogitsLoss()
for epoch in range(EPOCHS):
    net.train(True); acc = []
    for idx in torch.randperm(len(Xtr)).split(BS):
        for g in opt.param_groups:
            g["lr"] = 6e-3 * min(1, (step + 1) / 30) * (1 - step / (total + 1))
        loss = bce(net(Xtr[idx]), Ytr[idx])
        opt.zero_grad(); loss.backward(); opt.step(); step += 1
        acc.append(loss.item())
    print("epoch", epoch, "bce", round(float(np.mean(acc)), 4))
print("train P/R/F1  %.3f %.3f %.3f" % f1(Xtr[:1000], Ytr[:1000]))
print("test  P/R/F1  %.3f %.3f %.3f" % f1(Xte, Yte))
with torch.no_grad():
    for row in Xte[:3]:
        cut = (net(row[None])[0] > 0).tolist()
        print("  ", "".join(ALPHABET[c] + (" " if s else "") for c, s in zip(row.tolist(), cut)))
