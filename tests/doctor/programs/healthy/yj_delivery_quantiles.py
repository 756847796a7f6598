"""Delivery time: 10 %, 50 % and 90 % quantile (pinball loss), categorical ids with embeddings + two numeric columns."""
import numpy as np
import torch
from torch import nn

class Cfg:
    n_train, n_test = 4000, 1000
    depots, carriers, zones = 30, 6, 40
    quantiles = (0.1, 0.5, 0.9)
    epochs, bs, lr, wd = 10, 100, 1e-2, 1e-4
    seed = 2024

np.random.seed(Cfg.seed); torch.manual_seed(Cfg.seed)
n = Cfg.n_train + Cfg.n_test
depot = np.random.randint(Cfg.depots, size=n); carrier = np.random.randint(Cfg.carriers, size=n); zone = np.random.randint(Cfg.zones, size=n)
km = np.random.gamma(3, 40, n); weight = np.random.exponential(4, n)
base = (np.random.rand(Cfg.depots) * 10)[depot] + (np.random.rand(Cfg.zones) * 14)[zone]
speed = np.linspace(35, 80, Cfg.carriers)[carrier]
spread = np.linspace(0.5, 4.5, Cfg.carriers)[carrier]
hours = base + km / speed * 2 + 0.3 * weight + spread * np.random.gamma(2, 1, n)

cats = torch.tensor(np.stack([depot, carrier, zone], 1))
nums = np.stack([np.log1p(km), np.log1p(weight)], 1)
mu, sd = nums[:Cfg.n_train].mean(0), nums[:Cfg.n_train].std(0)
nums = torch.tensor((nums - mu) / sd, dtype=torch.float32)
y_mu, y_sd = hours[:Cfg.n_train].mean(), hours[:Cfg.n_train].std()
target = torch.tensor((hours - y_mu) / y_sd, dtype=torch.float32).view(-1, 1)
tr, te = slice(0, Cfg.n_train), slice(Cfg.n_train, n)

class QuantileNet(nn.Module):
    def __init__(self, sizes, dims):
        super().__init__()
        self.embs = nn.ModuleList([nn.Embedding(s, d) for s, d in zip(sizes, dims)])
        self.body = nn.Sequential(nn.Linear(sum(dims) + 2, 48), nn.SiLU(), nn.Linear(48, 24), nn.SiLU())
        self.low, self.steps = nn.Linear(24, 1), nn.Linear(24, len(Cfg.quantiles) - 1)
    def forward(self, c, x):
        h = self.body(torch.cat([e(c[:, k]) for k, e in enumerate(self.embs)] + [x], 1))
        low = self.low(h)                       # monotone: the quantiles cannot cross
        return torch.cat([low, low + nn.functional.softplus(self.steps(h)).cumsum(1)], 1)

def pinball(pred, y, q):
    d = y - pred
    return torch.maximum(q * d, (q - 1) * d).mean()

q = torch.tensor(Cfg.quantiles)
model = QuantileNet([Cfg.depots, Cfg.carriers, Cfg.zones], [4, 2, 4])
opt = torch.optim.AdamW(model.parameters(), lr=Cfg.lr, weight_decay=Cfg.wd)
per = Cfg.n_train // Cfg.bs
sched = torch.optim.lr_scheduler.OneCycleLR(opt, Cfg.lr, epochs=Cfg.epochs, steps_per_epoch=per, pct_start=0.2)
ema = {k: v.clone() for k, v in model.state_dict().items()}
naive = pinball(torch.quantile(target[tr], q).view(1, -1), target[te], q).item()
for epoch in range(Cfg.epochs):
    model.train(); total = 0.
    for idx in torch.randperm(Cfg.n_train).view(per, Cfg.bs):
        loss = pinball(model(cats[idx], nums[idx]), target[idx], q)
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        with torch.no_grad():
            for k, v in model.state_dict().items(): ema[k].lerp_(v, 0.05)
        total += loss.item()
    model.eval()
    with torch.no_grad():
        p = model(cats[te], nums[te])
    cover = ((target[te] > p[:, :1]) & (target[te] < p[:, 2:])).float().mean().item()
    mae = ((p[:, 1:2] - target[te]).abs().mean() * y_sd).item()
    print(f"[{epoch:02d}] pinball train {total / per:.4f} test {pinball(p, target[te], q):.4f} (constant {naive:.4f})  80 % interval covers {cover:.3f}  median MAE {mae:.2f} h")
model.load_state_dict(ema)
with torch.no_grad():
    print("EMA weights: test pinball %.4f, train pinball %.4f" % (pinball(model(cats[te], nums[te]), target[te], q), pinball(model(cats[tr], nums[tr]), target[tr], q)))
