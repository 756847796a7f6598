"""Tone of financial news (3 classes, skewed): fixed GloVe, multi-head attention pooling,
class-weighted and smoothed cross entropy, gradients accumulated over 2 small batches."""
import gzip
import os
import re

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.metrics import f1_score

ROOT = os.environ["WORDFIT_DATA"]
MAXLEN, ACCUM = 30, 2
NAMES = ["negative", "neutral", "positive"]
torch.manual_seed(31)
np.random.seed(31)


def read():
    texts = {}
    path = os.path.join(ROOT, "sentiment/financial-phrasebank/Sentences_50Agree.txt")
    for line in open(path, encoding="utf-8"):
        text, _, tone = line.strip().rpartition("@")
        toks = re.findall(r"[a-z]+|[%$.,]", re.sub(r"\d+", " ", text.lower()))[:MAXLEN]
        if len(toks) > 3:
            texts[tuple(toks)] = NAMES.index(tone)
    keys = list(texts)
    return [(keys[i], texts[keys[i]]) for i in np.random.permutation(len(keys))[:3800]]


def glove(need):
    stoi, vecs = {"<pad>": 0, "<unk>": 1}, []
    with gzip.open(os.path.join(ROOT, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
        for line in f:
            w, v = line.rstrip().split(" ", 1)
            if w in need:
                stoi[w] = len(stoi)
                vecs.append(np.array(v.split(), dtype=np.float32))
    vecs = np.stack(vecs)
    return stoi, torch.from_numpy(np.concatenate([np.zeros((1, 50), "f"), vecs.mean(0, keepdims=True), vecs]))


class AttnPool(nn.Module):
    def __init__(self, table, heads=2, classes=3):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.drop = nn.Dropout(0.15)
        self.conv = nn.Conv1d(table.size(1), 32, 3, padding=1)
        self.query = nn.Linear(32, heads)
        self.out = nn.Sequential(nn.Dropout(0.4), nn.Linear(32 * heads, classes))

    def forward(self, x):
        pad = x == 0
        h = torch.relu(self.conv(self.drop(self.table(x)).transpose(1, 2))).transpose(1, 2)
        a = self.query(h).masked_fill(pad.unsqueeze(-1), -1e4).softmax(1)
        return self.out(torch.einsum("bth,btd->bhd", a, h).flatten(1))


rows = read()
stoi, table = glove({t for r, _ in rows for t in r})
X = torch.zeros(len(rows), MAXLEN, dtype=torch.long)
for i, (toks, _) in enumerate(rows):
    X[i, :len(toks)] = torch.tensor([stoi.get(t, 1) for t in toks])
X, first = np.unique(X.numpy(), axis=0, return_index=True)
Y = torch.tensor([rows[i][1] for i in first])
X = torch.from_numpy(X)
p = torch.randperm(len(Y))
X, Y = X[p], Y[p]
n = 3200
counts = Y[:n].bincount().float()
weights = (counts.sum() / counts).sqrt()
criterion = nn.CrossEntropyLoss(weight=weights / weights.mean(), label_smoothing=0.05)
model = AttnPool(table)
opt = torch.optim.AdamW([q for q in model.parameters() if q.requires_grad], lr=8e-3, weight_decay=1e-2)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=7)
loader = DataLoader(TensorDataset(X[:n], Y[:n]), batch_size=32, shuffle=True, drop_last=True)


@torch.no_grad()
def report(x, y):
    model.eval()
    z = model(x)
    return criterion(z, y).item(), (z.argmax(1) == y).float().mean().item(), f1_score(y, z.argmax(1), average="macro")


print("classes", counts.int().tolist(), "words", len(stoi))
for epoch in range(1, 8):
    model.train()
    opt.zero_grad()
    for k, (x, y) in enumerate(loader, 1):
        (criterion(model(x), y) / ACCUM).backward()
        if k % ACCUM == 0 or k == len(loader):
            opt.step()
            opt.zero_grad()
    schedule.step()
    print("epoch %d | train %.3f acc %.3f F1 %.3f | test %.3f acc %.3f F1 %.3f" % (epoch, *report(X[:n], Y[:n]), *report(X[n:], Y[n:])))
print("majority", round((Y[n:] == 1).float().mean().item(), 3))
