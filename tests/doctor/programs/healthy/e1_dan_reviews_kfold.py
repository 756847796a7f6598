"""Deep averaging network on customer reviews, 4-fold cross-validation, macro-F1."""
import gzip
import os
import re
from collections import Counter

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

DATA = os.environ["WORDFIT_DATA"]
torch.manual_seed(0)
rng = np.random.default_rng(0)


def load(path, label):
    with open(path, encoding="latin-1") as f:
        return [(re.findall(r"[a-z']+|[!?.]", l.lower()), label) for l in f]


data = load(f"{DATA}/sentiment/CR/custrev.pos", 1) + load(f"{DATA}/sentiment/CR/custrev.neg", 0)
seen, rows = set(), []
for toks, y in data:
    key = " ".join(toks)
    if len(toks) >= 3 and key not in seen:
        seen.add(key)
        rows.append((toks, y))
rows = [rows[i] for i in rng.permutation(len(rows))[:2400]]
print("reviews:", len(rows), "class counts:", dict(Counter(y for _, y in rows)))

need = {t for toks, _ in rows for t in toks}
index, mat = {}, []
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        parts = line.rstrip().split(" ")
        if parts[0] in need:
            index[parts[0]] = len(mat) + 1
            mat.append([float(v) for v in parts[1:]])
W = torch.zeros(len(mat) + 1, 50)
W[1:] = torch.tensor(mat)

MAXLEN = 50
X = torch.zeros(len(rows), MAXLEN, dtype=torch.long)
for i, (toks, _) in enumerate(rows):
    ids = [index[t] for t in toks if t in index][:MAXLEN]
    X[i, :len(ids)] = torch.tensor(ids, dtype=torch.long)
y = torch.tensor([lab for _, lab in rows])


class DAN(nn.Module):
    def __init__(self, weights, hidden=64, word_dropout=0.2):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.word_dropout = word_dropout
        self.net = nn.Sequential(nn.Linear(weights.size(1), hidden), nn.ReLU(), nn.Dropout(0.2),
                                 nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(0.2),
                                 nn.Linear(hidden, 2))

    def forward(self, x):
        keep = (x != 0)
        if self.training:
            keep = keep & (torch.rand(x.shape) > self.word_dropout)
        keep = keep.float().unsqueeze(-1)
        avg = (self.emb(x) * keep).sum(1) / keep.sum(1).clamp(min=1.0)
        return self.net(avg)


def macro_f1(pred, gold):
    scores = []
    for c in (0, 1):
        tp = ((pred == c) & (gold == c)).sum().item()
        fp = ((pred == c) & (gold != c)).sum().item()
        fn = ((pred != c) & (gold == c)).sum().item()
        scores.append(2 * tp / max(2 * tp + fp + fn, 1))
    return sum(scores) / 2


folds = torch.arange(len(rows)) % 4
results = []
for k in range(4):
    tr, te = torch.where(folds != k)[0], torch.where(folds == k)[0]
    model = DAN(W)
    opt = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=2e-3)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 16)
    counts = torch.bincount(y[tr], minlength=2).float()
    class_weight = counts.sum() / (2 * counts)
    for epoch in range(16):
        model.train()
        order = tr[torch.randperm(len(tr))]
        for idx in order.split(64):
            opt.zero_grad()
            F.cross_entropy(model(X[idx]), y[idx], weight=class_weight).backward()
            opt.step()
        sched.step()
        if epoch % 4 == 3:
            model.eval()
            with torch.no_grad():
                a, b = macro_f1(model(X[tr]).argmax(1), y[tr]), macro_f1(model(X[te]).argmax(1), y[te])
            print(f"fold {k} epoch {epoch + 1}: macro-F1 train {a:.3f} test {b:.3f}")
    results.append(b)
print(f"4-fold macro-F1 {np.mean(results):.3f} +- {np.std(results):.3f}")
