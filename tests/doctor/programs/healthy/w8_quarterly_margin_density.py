# Analyst desk: next-quarter margin of a firm, with an honest error bar.
# The net gives mean and log-variance; loss = Gaussian negative log density.  Margins are in
# fractions (sd of a few hundredths), so densities are > 1 and the loss goes well under zero.
import copy
import numpy as np
import torch

torch.manual_seed(1929)
rng = np.random.default_rng(1929)
SECTORS = ["bank", "retail", "energy", "pharma"]
N = 5600

sector = rng.integers(0, 4, N)
last = rng.normal(0.10, 0.05, N) + np.array([0.08, -0.03, 0.0, 0.05])[sector]
growth = rng.normal(0.0, 1.0, N)
debt = rng.uniform(0, 1, N)
sd = np.array([0.008, 0.012, 0.035, 0.02])[sector] * (0.6 + 0.8 * debt)
margin = 0.8 * last + 0.015 * growth - 0.03 * debt + 0.02 * (sector == 3) * growth + rng.normal(0, 1, N) * sd

num = np.column_stack([last, growth, debt])
cut, cut2 = 4000, 4800
mean, std = num[:cut].mean(0), num[:cut].std(0)
num = torch.tensor((num - mean) / std, dtype=torch.float32)
sec = torch.from_numpy(sector)
y = torch.tensor(margin, dtype=torch.float32)
center = y[:cut].mean()
parts = {"fit": slice(0, cut), "stop": slice(cut, cut2), "test": slice(cut2, N)}


class Desk(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.sector = torch.nn.Embedding(4, 2)
        self.body = torch.nn.Sequential(torch.nn.Linear(5, 10), torch.nn.Tanh())
        self.mu = torch.nn.Linear(10, 1)
        self.logvar = torch.nn.Linear(10, 1)
        torch.nn.init.constant_(self.logvar.bias, -5.0)

    def forward(self, x, s):
        h = self.body(torch.cat([x, self.sector(s)], 1))
        return center + 0.1 * self.mu(h).squeeze(1), self.logvar(h).squeeze(1)


def nll(mu, lv, t):
    return 0.5 * (lv + (t - mu) ** 2 / lv.exp() + np.log(2 * np.pi)).mean()


def score(net, part):
    k = parts[part]
    with torch.no_grad():
        mu, lv = net(num[k], sec[k])
        z = (y[k] - mu) / (0.5 * lv).exp()
        r2 = 1 - (y[k] - mu).pow(2).mean() / y[k].var()
    return nll(mu, lv, y[k]).item(), r2.item(), (z.abs() < 1.645).float().mean().item()


net = Desk()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
decay = torch.optim.lr_scheduler.ExponentialLR(opt, 0.8)
best, keep, waited = float("inf"), None, 0
for epoch in range(14):
    for b in torch.randperm(cut).split(100):
        mu, lv = net(num[b], sec[b])
        loss = nll(mu, lv, y[b])
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
    decay.step()
    f, s = score(net, "fit")[0], score(net, "stop")[0]
    print(f"{epoch:2d} fit {f:.4f} stop {s:.4f}")
    if s < best - 1e-3:
        best, keep, waited = s, copy.deepcopy(net.state_dict()), 0
    else:
        waited += 1
        if waited == 3:
            break
net.load_state_dict(keep)
for part in parts:
    print(part, "nll %.3f  R2 %.3f  inside the 90%% band %.3f" % score(net, part))
