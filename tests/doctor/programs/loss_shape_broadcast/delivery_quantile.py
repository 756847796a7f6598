"""Delivery days from the shipping note: the median by pinball loss."""
import random

import torch
import torch.nn as nn

random.seed(12)
torch.manual_seed(12)

CARRIER = {"snail": 6.0, "swift": 1.0, "globe": 3.5, "local": 2.0}
CITY = {c: 0.5 * i for i, c in enumerate("aber bree cork dunk exet faro gent hull".split())}
EXTRA = {"customs": 4.0, "fragile": 1.0, "express": -1.0, "holiday": 2.5, "": 0.0}
FILLER = "please send the parcel to by via asap thanks box one two order".split()
VOCAB = {w: i for i, w in enumerate(["<pad>", *CARRIER, *CITY, *filter(None, EXTRA), *FILLER])}
LEN = 14


def note():
    c, t, e = random.choice(list(CARRIER)), random.choice(list(CITY)), random.choice(list(EXTRA))
    words = [c, t] + ([e] if e else []) + random.choices(FILLER, k=random.randint(3, 10))
    random.shuffle(words)
    days = 2 + CARRIER[c] + CITY[t] * (1.5 if e == "holiday" else 1) + EXTRA[e] + random.gauss(0, 0.4)
    return [VOCAB[w] for w in words] + [0] * (LEN - len(words)), days


rows = [note() for _ in range(2600)]
X = torch.tensor([r for r, _ in rows])
y = torch.tensor([d for _, d in rows])
keep = torch.unique(X, dim=0, return_inverse=True)[1]
first = {}
for i, k in enumerate(keep.tolist()):
    first.setdefault(k, i)
chosen = torch.tensor(sorted(first.values()))
X, y = X[chosen], y[chosen]
Xtr, ytr, Xte, yte = X[400:], y[400:], X[:400], y[:400]


class NoteModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(VOCAB), 24, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(24, 48), nn.ReLU(), nn.Linear(48, 1))

    def forward(self, x):
        return self.mlp(self.embedding(x).sum(dim=1) / 3)


def pinball(pred, true, q=0.5):
    # fault:
    e = true - pred
    # mended:
    # e = true - pred.squeeze(1)
    # end
    return torch.max(q * e, (q - 1) * e).mean()


model = NoteModel()
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 8, 0.3)
for epoch in range(14):
    for idx in torch.randperm(len(Xtr)).split(32):
        optimizer.zero_grad()
        loss = pinball(model(Xtr[idx]), ytr[idx])
        loss.backward()
        optimizer.step()
    scheduler.step()
    with torch.no_grad():
        mae = (model(Xte)[:, 0] - yte).abs().mean()
    if epoch % 2:
        print(f"[{epoch + 1:02d}] loss {loss.item():.4f} | MAE {mae.item():.3f} days")
