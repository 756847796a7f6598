"""Wind park: status-code histories of turbines, few of which precede a gearbox stop.
Batches are drawn with equal weight per class; the park is scored by balanced accuracy and recall."""
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import balanced_accuracy_score, confusion_matrix
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

CODES, PAD, LONGEST = 40, 0, 18
OIL_TEMP, VIBRATION, PITCH_FAULT = 7, 19, 33


def history(rng, bad):
    n = int(rng.integers(8, LONGEST + 1))
    seq = rng.integers(1, CODES + 1, n)
    seq[np.isin(seq, [OIL_TEMP, VIBRATION, PITCH_FAULT])] = 1
    if bad:
        seq[rng.choice(n, 2, replace=False)] = rng.choice([OIL_TEMP, VIBRATION], 2)
    elif rng.random() < 0.12:
        seq[rng.integers(n)] = rng.choice([OIL_TEMP, VIBRATION])
    if rng.random() < 0.3:
        free = np.flatnonzero(~np.isin(seq, [OIL_TEMP, VIBRATION]))
        seq[rng.choice(free)] = PITCH_FAULT
    return np.pad(seq, (0, LONGEST - n))


def park(n, rate, seed):
    rng = np.random.default_rng(seed)
    seen = {}
    while len(seen) < n:
        bad = bool(rng.random() < rate)
        seen.setdefault(tuple(history(rng, bad).tolist()), int(bad))
    return torch.tensor(list(seen)), torch.tensor(list(seen.values()))


class AlarmReader(nn.Module):
    def __init__(self, d=16, p=0.5):
        super().__init__()
        self.code = nn.Embedding(CODES + 1, d, padding_idx=PAD)
        self.gate = nn.Linear(d, 1)
        self.value = nn.Linear(d, d)
        self.top = nn.Sequential(nn.LayerNorm(d), nn.Dropout(p), nn.Linear(d, 2))

    def forward(self, ids):
        e = self.code(ids)
        there = (ids != PAD).unsqueeze(-1)
        g = torch.sigmoid(self.gate(e)) * there
        return self.top((g * torch.tanh(self.value(e))).sum(1))


def score(model, x, y):
    model.eval()
    with torch.no_grad():
        guess = model(x).argmax(1)
    return balanced_accuracy_score(y, guess), confusion_matrix(y, guess)


if __name__ == "__main__":
    torch.manual_seed(12)
    x, y = park(4000, 0.08, seed=12)
    xt, yt, xv, yv = x[:3000], y[:3000], x[3000:], y[3000:]
    share = torch.bincount(yt).double() / len(yt)
    print("share of stops in training: %.3f" % share[1])
    sampler = WeightedRandomSampler((1 / share)[yt], num_samples=len(yt), replacement=True)
    loader = DataLoader(TensorDataset(xt, yt), batch_size=60, sampler=sampler)
    model = AlarmReader()
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    for epoch in range(8):
        model.train()
        total = 0.0
        for xb, yb in loader:
            loss = nn.functional.cross_entropy(model(xb), yb)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item()
        print("epoch %d loss %.3f train balanced %.3f held-out balanced %.3f"
              % (epoch, total / len(loader), score(model, xt, yt)[0], score(model, xv, yv)[0]))
    bal, table = score(model, xv, yv)
    print("confusion (rows: fine, stop)\n", table)
    print("recall of stops %.3f" % (table[1, 1] / table[1].sum()))
    print("balanced accuracy %.3f, plain accuracy %.3f" % (bal, table.trace() / table.sum()))
