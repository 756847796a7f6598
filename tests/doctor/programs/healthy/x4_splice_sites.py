"""Find donor-like sites in made-up DNA: one label per base, about 2.5% of the bases are sites.

site: G-T preceded by AG or CG and followed by (A or G) A.   dilated convolutions, weighted BCE, average precision.
"""
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import average_precision_score, f1_score

np.random.seed(8)
torch.manual_seed(8)
L = 80


def sequences(n):
    s = np.random.randint(0, 4, (n, L))                   # A C G T
    for row in s:                                         # enrich
        for p in np.random.choice(np.arange(4, L - 6, 12), 2, replace=False):
            row[p:p + 6] = [np.random.choice([0, 1]), 2, 2, 3, np.random.choice([0, 2]), 0]
    y = np.zeros((n, L), dtype=np.float32)
    for i in range(2, L - 3):
        y[:, i] = (np.isin(s[:, i - 2], [0, 1]) & (s[:, i - 1] == 2) & (s[:, i] == 2) & (s[:, i + 1] == 3)
                   & np.isin(s[:, i + 2], [0, 2]) & (s[:, i + 3] == 0))
    return torch.from_numpy(s), torch.from_numpy(y)


def one_hot(s):
    return torch.nn.functional.one_hot(s, 4).float().transpose(1, 2)


model = nn.Sequential(
    nn.Conv1d(4, 24, 3, padding=1), nn.ReLU(),
    nn.Conv1d(24, 24, 3, padding=2, dilation=2), nn.ReLU(),
    nn.Conv1d(24, 24, 3, padding=1), nn.ReLU(),
    nn.Conv1d(24, 1, 1), nn.Flatten())

Xtr, Ytr = sequences(1000)
Xte, Yte = sequences(300)
rate = Ytr.mean()
print("site rate %.4f" % rate)
bce = nn.BCEWithLogitsLoss(pos_weight=torch.sqrt((1 - rate) / rate))
# negative bias at the start: a site is rare
nn.init.constant_(model[6].bias, -3.0)
optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-4)

for epoch in range(4):
    model.train()
    total = 0.
    for idx in torch.randperm(len(Xtr)).split(24):
        loss = bce(model(one_hot(Xtr[idx])), Ytr[idx])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.item() * len(idx)
    print("epoch %d loss %.4f" % (epoch, total / len(Xtr)))

model.eval()
with torch.no_grad():
    for name, X, Y in (("train", Xtr, Ytr), ("test", Xte, Yte)):
        z = model(one_hot(X))
        print(name, "AP %.3f  F1 %.3f" % (average_precision_score(Y.numpy().ravel(), z.numpy().ravel()),
                                          f1_score(Y.numpy().ravel(), (z > 0).numpy().ravel())))
