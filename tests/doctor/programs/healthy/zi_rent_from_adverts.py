"""Rent per month from the words of an advert and the living area (regression; log-target, Huber loss)."""
import numpy as np
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader
from sklearn.metrics import r2_score, mean_absolute_error

rng = np.random.default_rng(99)
torch.manual_seed(99)

worth = {"balcony": .10, "garden": .15, "renovated": .12, "dishwasher": .06, "basement": -.20, "noisy": -.18, "central": .22,
         "furnished": .14, "parking": .08, "attic": -.07, "luxury": .35, "student": -.15, "shared": -.30, "elevator": .05,
         "view": .11, "old": -.12, "remote": -.21, "quiet": .07}
plain = ["flat", "room", "near", "the", "with", "and", "kitchen", "bath", "available", "from", "may", "contact", "us"]
words = ["_"] + list(worth) + plain
ix = {w: i for i, w in enumerate(words)}
MAXLEN = 14


def adverts(n):
    X, area, rent = np.zeros((n, MAXLEN), dtype=np.int64), rng.uniform(15, 120, n), np.zeros(n)
    for i in range(n):
        feats = rng.choice(list(worth), rng.integers(2, 7), replace=False)
        toks = list(feats) + list(rng.choice(plain, rng.integers(3, 8)))
        rng.shuffle(toks)
        X[i, :len(toks)] = [ix[t] for t in toks]
        rent[i] = np.exp(3.2 + .8 * np.log(area[i]) + sum(worth[f] for f in feats) + .05 * rng.normal())
    return X, np.log(area), rent


Xa, la, ra = adverts(2200)
tr, te = slice(0, 1800), slice(1800, None)
y = np.log(ra)
ymu, ysd = y[tr].mean(), y[tr].std()
amu, asd = la[tr].mean(), la[tr].std()


def tens(s):
    return (torch.from_numpy(Xa[s]), torch.tensor((la[s] - amu) / asd, dtype=torch.float32),
            torch.tensor((y[s] - ymu) / ysd, dtype=torch.float32))


class Rent(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(words), 12, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(13, 32), nn.GELU(), nn.Linear(32, 1))

    def forward(self, x, a):
        s = self.emb(x).sum(1)          # the padding row is zero and stays so: a sum over the words
        return self.mlp(torch.cat([s, a[:, None]], 1))[:, 0]


net = Rent()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.75)
huber = nn.SmoothL1Loss()
for epoch in range(8):
    net.train()
    tot = 0
    for xb, ab, yb in DataLoader(TensorDataset(*tens(tr)), batch_size=40, shuffle=True):
        opt.zero_grad()
        l = huber(net(xb, ab), yb)
        l.backward()
        opt.step()
        tot += l.item() * len(yb)
    sched.step()
    net.eval()
    with torch.no_grad():
        r = [r2_score(t[2], net(t[0], t[1])) for t in (tens(tr), tens(te))]
    print(f"epoch {epoch} huber {tot / 1800:.4f} R2 train {r[0]:.3f} test {r[1]:.3f}")
x, a, t = tens(te)
with torch.no_grad():
    euro = np.exp(net(x, a).numpy() * ysd + ymu)
print("MAE in euro", round(mean_absolute_error(ra[te], euro), 1), "of mean rent", round(ra[te].mean(), 1))
