# Time until a subscription ends, from the notes of the sales call. Many are still running at the end of
# the study (right censored). Weibull regression: the network gives log-scale and log-shape per row, and we
# minimise the censored negative log likelihood. Times are in years, densities may be above 1, so the
# loss has no floor at zero.
import math
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader

random.seed(11)
torch.manual_seed(11)

PHRASES = {
    "price sensitive": -0.9, "trial only": -1.2, "student plan": -0.6, "one user": -0.5,
    "annual contract": 0.8, "whole department": 0.9, "single sign on": 0.7, "integration built": 1.0,
    "asked for demo": 0.1, "met at fair": 0.0, "inbound mail": 0.0, "called twice": -0.1,
    "champion left": -0.8, "executive sponsor": 0.9, "second renewal": 0.7, "no onboarding": -0.7,
}
keys = list(PHRASES)
words = sorted({w for k in keys for w in k.split()})
vocab = {w: i + 1 for i, w in enumerate(words)}  # 0 pads


class Calls(Dataset):
    def __init__(self, n):
        self.rows = []
        for _ in range(n):
            chosen = random.sample(keys, random.randint(2, 6))
            scale = math.exp(-1.6 + sum(PHRASES[c] for c in chosen) * 0.8)
            t = scale * (-math.log(random.random())) ** (1 / 1.8)
            c = random.uniform(0.05, 0.9)
            note = [vocab[w] for ph in chosen for w in ph.split()]
            self.rows.append((note, max(min(t, c), 1e-3), float(t <= c)))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def batchify(rows):
    n = max(len(r[0]) for r in rows)
    x = torch.zeros(len(rows), n, dtype=torch.long)
    for k, r in enumerate(rows):
        x[k, :len(r[0])] = torch.tensor(r[0])
    return x, torch.tensor([r[1] for r in rows]), torch.tensor([r[2] for r in rows])


class WeibullNet(nn.Module):
    def __init__(self, v, d=24):
        super().__init__()
        self.e = nn.Embedding(v, d, padding_idx=0)
        self.body = nn.Sequential(nn.Linear(d, 24), nn.Tanh())
        self.scale = nn.Linear(24, 1)
        self.shape = nn.Linear(24, 1)

    def forward(self, x):
        h = self.body(self.e(x).sum(1))      # padding row is zero, a sum needs no mask
        return self.scale(h).squeeze(-1), self.shape(h).squeeze(-1).clamp(-2, 2)


def nll(log_scale, log_shape, t, event):
    k = log_shape.exp()
    z = t.log() - log_scale
    log_hazard = log_shape - log_scale + (k - 1) * z
    cum_hazard = (k * z).clamp(max=12).exp()
    return -(event * log_hazard - cum_hazard).mean()


def concordance(risk, t, event):
    first = (t[:, None] < t[None, :]) & event.bool()[:, None]
    right = (risk[:, None] > risk[None, :]) & first
    return right.sum().item() / first.sum().item()


train, valid = Calls(2500), Calls(800)
net = WeibullNet(len(vocab) + 1)
opt = torch.optim.RMSprop(net.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=6e-3, total_steps=7 * math.ceil(len(train) / 64))
loader = DataLoader(train, batch_size=64, shuffle=True, collate_fn=batchify)
print("share of ended contracts", sum(r[2] for r in train.rows) / len(train))

for ep in range(7):
    seen = 0.0
    for x, t, e in loader:
        opt.zero_grad()
        loss = nll(*net(x), t, e)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        sched.step()
        seen += loss.item() * len(t)
    with torch.no_grad():
        x, t, e = batchify(valid.rows)
        ls, lk = net(x)
        print(f"{ep}: nll {seen / len(train):.4f} | valid {nll(ls, lk, t, e):.4f} c-index {concordance(-ls, t, e):.3f}")

with torch.no_grad():
    xt, tt, et = batchify(train.rows[:800])
    rate = math.log(et.sum().item() / tt.sum().item())
    const = -(e * rate - math.exp(rate) * t).mean()
    print(f"exponential without covariates, valid nll {const:.4f}")
    print(f"train c-index {concordance(-net(xt)[0], tt, et):.3f}, median shape {lk.exp().median():.2f}")
