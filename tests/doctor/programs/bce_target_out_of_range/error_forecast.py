"""Forecast which error codes a host will throw in the next hour from the events of the last one (multi-label)."""
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(5)
torch.manual_seed(5)
CODES = ["E1011", "E1042", "E2007", "E2110", "E3001", "E3999", "E4040", "E5123", "E7000", "E9001"]
EVENTS = 260
base = rng.dirichlet(np.full(EVENTS, 0.6))
signature = [rng.choice(EVENTS, 14, replace=False) for _ in CODES]
rate = rng.uniform(0.12, 0.3, len(CODES))


def session():
    on = np.flatnonzero(rng.random(len(CODES)) < rate)
    n = rng.integers(12, 45)
    ev = rng.choice(EVENTS, n, p=base)
    for c in on:
        k = rng.integers(2, 6)
        ev[rng.choice(n, k, replace=False)] = rng.choice(signature[c], k)
    nxt = np.concatenate([np.full(1 + rng.poisson(4), c) for c in on]) if len(on) else np.array([], dtype=int)
    return ev, rng.permutation(nxt).astype(int)


def to_target(next_hour):
    y = np.zeros(len(CODES), dtype=np.float32)
    # fault:
    for c in next_hour:
        y[c] += 1
    # mended:
    # for c in next_hour:
    #     y[c] = 1
    # end
    return y


def pack(rows):
    flat = torch.from_numpy(np.concatenate([r[0] for r in rows]))
    off = torch.tensor([0] + [len(r[0]) for r in rows[:-1]]).cumsum(0)
    return flat, off, torch.from_numpy(np.stack([to_target(r[1]) for r in rows]))


sessions = [session() for _ in range(6000)]
train, dev = sessions[:5000], sessions[5000:]


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(EVENTS, 48, mode="mean")
        self.ff = nn.Sequential(nn.Linear(48, 64), nn.ReLU(), nn.Linear(64, len(CODES)))

    def forward(self, flat, off):
        return self.ff(self.bag(flat, off))


model = Forecaster()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
crit = nn.BCEWithLogitsLoss()


def report(rows):
    model.eval()
    with torch.no_grad():
        flat, off, _ = pack(rows)
        pred = (torch.sigmoid(model(flat, off)) > 0.5).numpy()
    gold = np.array([[c in set(r[1].tolist()) for c in range(len(CODES))] for r in rows])
    tp = (pred & gold).sum()
    prec, rec = tp / max(pred.sum(), 1), tp / max(gold.sum(), 1)
    return prec, rec, 2 * prec * rec / max(prec + rec, 1e-9)


for ep in range(12):
    model.train()
    order = rng.permutation(len(train))
    total = 0.0
    for i in range(0, len(order), 64):
        flat, off, y = pack([train[j] for j in order[i:i + 64]])
        loss = crit(model(flat, off), y)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    p, r, f = report(dev)
    print("ep %2d  train bce %8.4f   dev precision %.3f recall %.3f micro-F1 %.3f" % (ep, total / len(train), p, r, f))
