"""Predicting seal failures of feed pumps from the controller's event log.

One row = the events of one shift, as integer codes. About 1 shift in 40 ends
with a seal failure. We want to catch these, a few false alarms are fine.
"""
import math
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(11)
torch.manual_seed(11)

N_CODES = 32          # 0 is reserved for "no event"
MAXLEN = 16
D = 3


def make_shift(weights_ok, weights_bad):
    bad = random.random() < 0.025
    n = random.randint(9, MAXLEN)
    w = weights_bad if bad else weights_ok
    return tuple(random.choices(range(1, N_CODES), weights=w, k=n)), int(bad)


def make_log(n):
    ok = [random.uniform(0.5, 1.5) for _ in range(N_CODES - 1)]
    bad = list(ok)
    for c in random.sample(range(N_CODES - 1), 7):
        bad[c] *= 3.0
    seen, rows = set(), []
    while len(rows) < n:
        seq, y = make_shift(ok, bad)
        if seq not in seen:
            seen.add(seq)
            rows.append((seq, y))
    return rows


def to_tensors(rows):
    x = torch.zeros(len(rows), MAXLEN, dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        x[i, :len(s)] = torch.tensor(s)
    return x, torch.tensor([float(y) for _, y in rows])


class EventTable(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n, d) / math.sqrt(d))

    def forward(self, ids):
        return self.weight[ids]


class FailureNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = EventTable(N_CODES, D)
        self.w = nn.Parameter(torch.randn(D, 1) * 0.3)
        self.b = nn.Parameter(torch.zeros(1))

    def forward(self, ids):
        m = (ids != 0).unsqueeze(-1).float()
        mean = (self.table(ids) * m).sum(1) / m.sum(1)
        return (mean @ self.w + self.b).squeeze(-1)


def report(model, x, y, name):
    model.eval()
    with torch.no_grad():
        alarm = model(x) > 0
    y = y.bool()
    hit = (alarm & y).sum().item() / y.sum().item()
    quiet = (~alarm & ~y).sum().item() / (~y).sum().item()
    print(f"{name}: caught {hit:.3f} of the failures, quiet on {quiet:.3f} of the good shifts, "
          f"balanced {0.5 * (hit + quiet):.3f}")


rows = make_log(20000)
cut = 14000
xtr, ytr = to_tensors(rows[:cut])
xte, yte = to_tensors(rows[cut:])
print(f"{len(xtr)} shifts to train on, {int(ytr.sum())} failures; {len(xte)} to test, {int(yte.sum())} failures")

model = FailureNet()
opt = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=1e-4)
# fault:
criterion = nn.BCEWithLogitsLoss()
# mended:
#ratio = (ytr == 0).sum() / (ytr == 1).sum()
#criterion = nn.BCEWithLogitsLoss(pos_weight=ratio)
# end

for epoch in range(8):
    model.train()
    perm = torch.randperm(len(xtr))
    tot = 0.0
    for k in range(0, len(perm), 128):
        idx = perm[k:k + 128]
        loss = criterion(model(xtr[idx]), ytr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(idx)
    print(f"epoch {epoch + 1} loss {tot / len(xtr):.4f}")

report(model, xtr, ytr, "train")
report(model, xte, yte, "test")
