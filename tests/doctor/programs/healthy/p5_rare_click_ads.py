# Ad click model, about 7 % positives. Negatives are downsampled for training and the
# probabilities are corrected afterwards; reported: AUC and calibration on untouched traffic.
import math
import random

import torch
import torch.nn as nn

torch.manual_seed(90)
rng = random.Random(90)

SITES, ADS, HOURS = 40, 120, 24
KEEP_NEGATIVE = 0.25

site_effect = [rng.gauss(0, 0.8) for _ in range(SITES)]
ad_effect = [rng.gauss(0, 1.1) for _ in range(ADS)]
hour_effect = [0.7 * math.sin(2 * math.pi * h / 24) for h in range(HOURS)]


def impressions(n):
    rows = {}
    while len(rows) < n:
        key = (rng.randrange(SITES), rng.randrange(ADS), rng.randrange(HOURS), rng.randrange(2))
        if key in rows:
            continue
        s, a, h, mobile = key
        logit = -3.4 + site_effect[s] + ad_effect[a] + hour_effect[h] + 0.5 * mobile
        rows[key] = float(rng.random() < 1 / (1 + math.exp(-logit)))
    return list(rows.items())


def as_ids(rows):
    """One shared id space: sites, ads, hours, device."""
    base = [0, SITES, SITES + ADS, SITES + ADS + HOURS]
    x = torch.tensor([[v + b for v, b in zip(key, base)] for key, _ in rows])
    return x, torch.tensor([y for _, y in rows])


class WideAndBag(nn.Module):
    """Logistic part (width 1) plus a small bag part, both on sparse tables."""

    def __init__(self, n_ids, dim=6):
        super().__init__()
        self.wide = nn.EmbeddingBag(n_ids, 1, mode="sum", sparse=True)
        self.deep = nn.EmbeddingBag(n_ids, dim, mode="sum", sparse=True)
        self.top = nn.Linear(dim, 1)
        nn.init.zeros_(self.wide.weight)
        nn.init.normal_(self.deep.weight, std=0.02)

    def forward(self, x):
        return (self.wide(x) + self.top(torch.tanh(self.deep(x)))).squeeze(1)


def auc(score, y):
    pos, neg = score[y == 1], score[y == 0]
    return ((pos[:, None] > neg[None, :]).float().mean() + 0.5 * (pos[:, None] == neg[None, :]).float().mean()).item()


data = impressions(24000)
test, log = data[:5000], data[5000:]
train = [r for r in log if r[1] == 1 or rng.random() < KEEP_NEGATIVE]
print("log", len(log), "kept", len(train), "clicks", int(sum(y for _, y in train)))
x, y = as_ids(train)
tx, ty = as_ids(test)

model = WideAndBag(SITES + ADS + HOURS + 2)
with torch.no_grad():
    rate = y.mean()
    model.top.bias.fill_(torch.log(rate / (1 - rate)).item())
opt = torch.optim.Adagrad(model.parameters(), lr=0.15)
bce = nn.BCEWithLogitsLoss()
for epoch in range(3):
    model.train()
    order = torch.randperm(len(y))
    total = 0.0
    for k in range(0, len(y), 64):
        b = order[k:k + 64]
        loss = bce(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        raw = model(tx)
        p = torch.sigmoid(raw + math.log(KEEP_NEGATIVE))
    print(f"epoch {epoch} train loss {total / len(y):.4f} test auc {auc(raw, ty):.3f} "
          f"mean p {p.mean():.4f} click rate {ty.mean():.4f} train auc {auc(model(x).detach(), y):.3f}")
base = ty.mean()
null = -(base * base.log() + (1 - base) * (1 - base).log())
ll = nn.functional.binary_cross_entropy(p, ty)
print(f"log loss {ll:.4f} against {null:.4f} for the constant rate, normalised entropy {ll / null:.3f}")
