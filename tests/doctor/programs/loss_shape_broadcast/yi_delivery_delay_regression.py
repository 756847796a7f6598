"""Estimate the delay (in days) of a parcel from the courier's free-text notes.

Notes are made up; every event adds its own number of days, qualifiers scale it.
"""
import random

import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader

random.seed(21)
torch.manual_seed(21)

EVENTS = {
    "customs hold": 4.0, "flat tyre": 0.5, "address unclear": 1.5, "storm": 2.0, "strike": 3.5, "missed scan": 1.0,
    "rerouted": 2.5, "damaged label": 1.2, "express lane": -1.5, "early flight": -1.0, "recipient absent": 1.0,
    "picked up at depot": -0.5, "volcanic ash": 6.0, "border queue": 1.8,
}
QUAL = {"minor": 0.5, "": 1.0, "severe": 1.7}
PLACES = "lyon graz turin ghent malmo porto bergen gdansk split tartu leeds cork".split()
NOISE = "driver called in scanned again parcel at hub please note see file".split()


def make_note():
    words, days = [], 1.0
    for _ in range(random.randint(1, 4)):
        ev, q = random.choice(list(EVENTS)), random.choice(list(QUAL))
        days += EVENTS[ev] * QUAL[q]
        words += [q] * bool(q) + ev.split() + ["in", random.choice(PLACES)] + random.sample(NOISE, 2)
    return " ".join(words), days + random.gauss(0, 0.2)


notes = {}
while len(notes) < 2600:
    k, v = make_note()
    notes.setdefault(k, v)
notes = list(notes.items())
train_rows, test_rows = notes[:2200], notes[2200:]

vocab = {"<pad>": 0, "<unk>": 1}
for t, _ in train_rows:
    for w in t.split():
        vocab.setdefault(w, len(vocab))


class Notes(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        t, y = self.rows[i]
        return [vocab.get(w, 1) for w in t.split()], y


def pad(batch):
    xs, ys = zip(*batch)
    n = max(map(len, xs))
    return torch.tensor([x + [0] * (n - len(x)) for x in xs]), torch.tensor(ys, dtype=torch.float32)


class DelayNet(nn.Module):
    def __init__(self, v):
        super().__init__()
        self.emb = nn.Embedding(v, 32, padding_idx=0)
        self.conv = nn.Conv1d(32, 48, 2)
        self.head = nn.Sequential(nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, x):
        h = torch.relu(self.conv(self.emb(x).transpose(1, 2)))
        real = (x[:, 1:] != 0).unsqueeze(1)
        h = (h * real).sum(2) / 4
        # fault:
        return self.head(h)
        # mended:
        # return self.head(h).squeeze(-1)
        # end


def mae(model, loader):
    model.eval()
    err, base, n = 0.0, 0.0, 0
    mean = sum(y for _, y in train_rows) / len(train_rows)
    with torch.no_grad():
        for x, y in loader:
            err += (model(x).view(-1) - y).abs().sum().item()
            base += (mean - y).abs().sum().item()
            n += len(y)
    return err / n, base / n


model = DelayNet(len(vocab))
opt = torch.optim.Adam(model.parameters(), lr=6e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, 2, 0.35)
train_dl = DataLoader(Notes(train_rows), batch_size=32, shuffle=True, collate_fn=pad)
test_dl = DataLoader(Notes(test_rows), batch_size=128, collate_fn=pad)

for epoch in range(7):
    model.train()
    run = 0.0
    for x, y in train_dl:
        pred = model(x)
        loss = ((pred - y) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item()
    sched.step()
    m, b = mae(model, test_dl)
    print(f"epoch {epoch + 1} mse {run / len(train_dl):.3f}  test MAE {m:.3f} days (always the mean: {b:.3f})")
