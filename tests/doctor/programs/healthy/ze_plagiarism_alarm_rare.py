# Alarm for suspicious lab reports.  Only 6 of 100 are suspicious, hence pos_weight, and F1 / average precision as scores.
import torch
import numpy as np
from sklearn.metrics import average_precision_score, f1_score

torch.manual_seed(21)
rng = np.random.default_rng(21)
SIGNS = ["identical", "copied", "undated", "scanned", "missing-raw-data", "same-typo"]
WORDS = ["voltage", "mean", "deviation", "plot", "ohm", "setup", "result", "table", "error", "probe", "curve", "fit",
         "series", "zero", "offset", "cable", "scope", "noise"]
VOC = {w: i for i, w in enumerate(SIGNS + WORDS)}


def reports(n, rate=0.06):
    y = (rng.random(n) < rate).astype(np.float32)
    C = np.zeros((n, len(VOC)), dtype=np.float32)
    for i in range(n):
        words = list(rng.choice(WORDS, rng.integers(8, 16)))
        # one sign can stand in any report, two different signs together are what the tutors look for
        words += list(rng.choice(SIGNS, 3 if y[i] else rng.integers(0, 2), replace=False))
        for w in words:
            C[i, VOC[w]] += 1
    return torch.from_numpy(np.log1p(C)), torch.from_numpy(y)


Xtr, ytr = reports(3500)
Xte, yte = reports(1500)
print("suspicious in training: %d of %d, in test: %d of %d" % (ytr.sum(), len(ytr), yte.sum(), len(yte)))
# rows of counts times a matrix of word vectors: the same as a sum of embeddings
vectors = torch.nn.Parameter(torch.randn(len(VOC), 8) * 0.1)
mlp = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1))
weight = (ytr == 0).sum() / (ytr == 1).sum()
bce = torch.nn.BCEWithLogitsLoss(pos_weight=weight)
params = [vectors, *mlp.parameters()]
opt = torch.optim.AdamW(params, lr=6e-3)


def score(X):
    return mlp(X @ vectors).squeeze(1)


for epoch in range(7):
    run = []
    for idx in torch.randperm(len(Xtr)).split(50):
        opt.zero_grad()
        loss = bce(score(Xtr[idx]), ytr[idx])
        loss.backward()
        opt.step()
        run.append(loss.item())
    with torch.no_grad():
        s, str_ = score(Xte), score(Xtr)
    print("epoch %d loss %.4f  AP train %.3f test %.3f  F1 test %.3f  alarms %d" % (
        epoch, np.mean(run), average_precision_score(ytr, str_), average_precision_score(yte, s), f1_score(yte, s > 0), (s > 0).sum()))
