"""Rare-class filter: 6 % of the comments are advertising. Balanced sampling, squared hinge loss, threshold on dev."""
import numpy as np
import torch
import torch.nn as nn
import torch.utils.data as tud
from sklearn.metrics import average_precision_score, precision_recall_fscore_support

torch.manual_seed(31)
r = np.random.default_rng(31)
ADS = ["casino", "bonus", "cheap", "pills", "winner", "prize", "click", "loan", "crypto", "discount"]
TALK = ("recipe oven dough salt garden tomato seeds weather train ticket museum painting chess match goal coach novel "
        "chapter poem guitar chord drums bike tyre trail camping tent river fish bread butter cheese kettle").split()
BOTH = "free offer buy money today new best visit site great the a to and for with you my it so".split()
V = {w: i for i, w in enumerate(ADS + TALK + BOTH)}
LEN = 14                                                  # every comment is cut to its first 14 words


def comments(n):
    x, y = np.empty((n, LEN), dtype=np.int64), np.zeros(n, dtype=np.float32)
    for i in range(n):
        y[i] = r.random() < 0.06
        k = r.integers(2, 5) if y[i] else r.integers(1, 3) * (r.random() < 0.2)
        words = list(r.choice(ADS, k)) + list(r.choice(TALK, r.integers(2, 5) if y[i] else r.integers(4, 7)))
        words += list(r.choice(BOTH, LEN - len(words)))
        r.shuffle(words)
        x[i] = [V[w] for w in words]
    return torch.from_numpy(x), torch.from_numpy(y)


Xtr, ytr = comments(4000)
Xdv, ydv = comments(1500)
Xte, yte = comments(2000)
print("positives: train %d, dev %d, test %d" % (ytr.sum(), ydv.sum(), yte.sum()))

share = ytr.mean()
weights = torch.where(ytr > 0, 0.5 / share, 0.5 / (1 - share))
sampler = tud.WeightedRandomSampler(weights, num_samples=3000, replacement=True)
loader = tud.DataLoader(tud.TensorDataset(Xtr, ytr), batch_size=50, sampler=sampler)


class Filter(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(V), 6)
        self.score = nn.Linear(6, 1)

    def forward(self, x):
        return self.score(self.emb(x).sum(1)).squeeze(1)


f = Filter()
nn.init.normal_(f.emb.weight, std=0.2)
opt = torch.optim.Adagrad(f.parameters(), lr=0.05)
for epoch in range(4):
    total = 0
    for xb, yb in loader:
        margin = (2 * yb - 1) * f(xb)
        loss = (1 - margin).clamp(min=0).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        ap = [average_precision_score(y, f(x)) for x, y in ((Xtr, ytr), (Xdv, ydv))]
    print("epoch %d  hinge %.4f  average precision train %.3f dev %.3f" % (epoch, total / len(loader), *ap))

with torch.no_grad():
    sd, st = f(Xdv).numpy(), f(Xte).numpy()
grid = np.quantile(sd, np.linspace(0.85, 0.99, 60))
best = max(grid, key=lambda t: precision_recall_fscore_support(ydv, sd > t, average="binary", zero_division=0)[2])
p, q, f1, _ = precision_recall_fscore_support(yte, st > best, average="binary")
print("test: precision %.3f recall %.3f F1 %.3f" % (p, q, f1))
