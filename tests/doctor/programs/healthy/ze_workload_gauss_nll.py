# How many hours does a module cost?  Estimate with error bars from the words of its description.
# The net gives mean and log variance, the criterion is the density, so the loss sinks below zero. That's fine.
import math
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(31)
torch.manual_seed(31)
HOURS = {"lecture": 3.0, "lab": 4.5, "project": 6.0, "seminar": 2.0, "essay": 2.5, "excursion": 1.0, "report": 3.5,
         "exam": 2.8, "tutorial": 1.5, "poster": 1.2}
NOISY = "optional"            # modules with this word scatter more
FILLER = "introduction advanced methods of systems design in theory practice group weekly digital energy applied".split()
KEYS = sorted(HOURS)
WORDS = KEYS + [NOISY] + FILLER


def module():
    parts = list(rng.choice(KEYS, size=rng.integers(1, 5), replace=False))
    opt = rng.random() < 0.3
    h = sum(HOURS[p] for p in parts) + rng.normal(0, 1.2 if opt else 0.25)
    words = parts + list(rng.choice(FILLER, size=rng.integers(2, 7))) + ([NOISY] if opt else [])
    rng.shuffle(words)
    return [WORDS.index(w) for w in words], h


rows = [module() for _ in range(3000)]
train, test = rows[:2400], rows[2400:]
mu = np.mean([h for _, h in train])
sd = np.std([h for _, h in train])


def pack(part):
    ids = torch.tensor([i for r, _ in part for i in r])
    off = torch.tensor(np.cumsum([0] + [len(r) for r, _ in part])[:-1])
    return ids, off, torch.tensor([(h - mu) / sd for _, h in part], dtype=torch.float32)


class HourNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(WORDS), 12, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.2)
        self.mean = nn.Linear(12, 1)
        self.logvar = nn.Linear(12, 1)

    def forward(self, ids, off):
        z = self.bag(ids, off)
        return self.mean(z)[:, 0], self.logvar(z)[:, 0]


def density_loss(m, lv, y):
    return 0.5 * (lv + (y - m) ** 2 * torch.exp(-lv)).mean()       # constant left out


net = HourNet()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=10)
ids_t, off_t, y_t = pack(test)
for epoch in range(10):
    order, total = rng.permutation(len(train)), 0.0
    for part in np.array_split(order, 60):
        ids, off, y = pack([train[i] for i in part])
        loss = density_loss(*net(ids, off), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        opt.step()
        total += loss.item()
    sched.step()
    with torch.no_grad():
        m, lv = net(ids_t, off_t)
        nll = density_loss(m, lv, y_t)
        r2 = 1 - ((m - y_t) ** 2).mean() / y_t.var()
        inside = ((m - y_t).abs() < 1.64 * torch.exp(lv / 2)).float().mean()
    print(f"{epoch:2d} train {total / 60:+.3f} test {nll:+.3f} R2 {r2:.3f} inside the 90% band {inside:.3f}")
