"""Glove sensor -> string of gestures. Conv front end, CTC on top, greedy decoding, gesture error rate.
Frames are not labelled, we only know which gestures were made and in which order."""
import numpy as np
import torch
import torch.nn as nn

GESTURES = ["fist", "open", "point", "thumb", "wave", "pinch"]
BLANK = 0
rng = np.random.default_rng(0)
torch.manual_seed(0)
proto = rng.normal(size=(len(GESTURES), 8)).astype(np.float32)


def record(names):
    sig = [np.zeros((rng.integers(1, 3), 8))]
    for g in names:
        sig.append(np.repeat(proto[g][None], rng.integers(2, 4), 0))
        sig.append(np.zeros((rng.integers(1, 3), 8)))
    sig = np.concatenate(sig)
    return (sig + rng.normal(0, 0.35, sig.shape)).astype(np.float32)


def make(n):
    rows = []
    for _ in range(n):
        g = rng.integers(0, len(GESTURES), rng.integers(2, 6))
        rows.append((record(g), (g + 1).tolist()))
    return rows


def collate(rows):
    n = torch.tensor([len(s) for s, _ in rows])
    x = torch.zeros(len(rows), int(n.max()), 8)
    for i, (s, _) in enumerate(rows):
        x[i, : len(s)] = torch.from_numpy(s)
    y = torch.tensor([c for _, t in rows for c in t])
    return x, n, y, torch.tensor([len(t) for _, t in rows])


class Reader(nn.Module):
    def __init__(self, h=40):
        super().__init__()
        self.net = nn.Sequential(nn.Conv1d(8, h, 3, padding=1), nn.ReLU(), nn.Conv1d(h, h, 3, padding=1), nn.ReLU())
        self.out = nn.Linear(h, len(GESTURES) + 1)

    def forward(self, x):
        z = self.out(self.net(x.transpose(1, 2)).permute(2, 0, 1))      # (T, B, C) as CTCLoss wants it
        # fault:
        return z
        # mended:
        # return nn.functional.log_softmax(z, dim=2)
        # end


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, p in enumerate(a, 1):
        prev, row[0] = row[0], i
        for j, q in enumerate(b, 1):
            prev, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, prev + (p != q))
    return row[-1]


def error_rate(model, rows):
    model.eval()
    err = tot = 0
    x, n, _, _ = collate(rows)
    with torch.no_grad():
        best = model(x).argmax(-1).T
    for path, k, (_, t) in zip(best, n, rows):
        path = torch.unique_consecutive(path[:k]).tolist()
        err += distance([c for c in path if c != BLANK], t)
        tot += len(t)
    return err / tot


train, test = make(1200), make(300)
model = Reader()
optimizer = torch.optim.Adam(model.parameters(), lr=6e-3)
ctc = nn.CTCLoss(blank=BLANK, zero_infinity=True)
for epoch in range(4):
    model.train()
    order = rng.permutation(len(train))
    total = 0.0
    for s in range(0, len(train), 30):
        x, n, y, m = collate([train[i] for i in order[s : s + 30]])
        loss = ctc(model(x), y, n, m)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        total += loss.item()
    for g in optimizer.param_groups:
        g["lr"] *= 0.7
    print(f"epoch {epoch}: ctc loss {total / (len(train) // 30):9.3f}  test error rate {error_rate(model, test):.3f}")
print(f"error rate: train {error_rate(model, train[:300]):.3f} test {error_rate(model, test):.3f}")
