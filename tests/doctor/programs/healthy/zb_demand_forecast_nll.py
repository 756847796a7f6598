"""Weekly demand forecast with uncertainty. Loss is a Gaussian NLL of scaled values, so it goes below zero."""
import logging
import math

import numpy as np
import torch
from torch import nn

logging.basicConfig(level=logging.INFO, format="%(message)s")
log = logging.getLogger("forecast")
cfg = {"stores": 30, "weeks": 130, "context": 16, "store_dim": 4, "hidden": 24, "lr": 0.01, "epochs": 6, "batch": 128, "seed": 31}

rng = np.random.default_rng(cfg["seed"])
torch.manual_seed(cfg["seed"])
t = np.arange(cfg["weeks"])
level = rng.uniform(0.5, 2.0, cfg["stores"])[:, None]
phase = rng.uniform(0, 2 * np.pi, cfg["stores"])[:, None]
noise = rng.uniform(0.02, 0.12, cfg["stores"])[:, None]
season = 1 + 0.4 * np.sin(2 * np.pi * t / 13 + phase)
demand = level * season + noise * rng.standard_normal((cfg["stores"], cfg["weeks"]))

cut = 104  # whatever is forecast after this week was not trained on
mean, std = demand[:, :cut].mean(1, keepdims=True), demand[:, :cut].std(1, keepdims=True)
scaled = ((demand - mean) / std).astype(np.float32)


def windows(first, last):
    xs, ys, ss = [], [], []
    for s in range(cfg["stores"]):
        for k in range(first, last):
            xs.append(scaled[s, k - cfg["context"]:k])
            ys.append(scaled[s, k])
            ss.append(s)
    return torch.from_numpy(np.stack(xs)), torch.tensor(ss), torch.tensor(np.array(ys))


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.store = nn.Embedding(cfg["stores"], cfg["store_dim"])
        self.gru = nn.GRU(1 + cfg["store_dim"], cfg["hidden"], batch_first=True)
        self.mu = nn.Linear(cfg["hidden"], 1)
        self.log_sigma = nn.Linear(cfg["hidden"], 1)

    def forward(self, x, s):
        e = self.store(s).unsqueeze(1).expand(-1, x.size(1), -1)
        _, h = self.gru(torch.cat([x.unsqueeze(-1), e], dim=-1))
        h = h[0]
        return self.mu(h).squeeze(-1), self.log_sigma(h).squeeze(-1).clamp(-4, 2)


def nll(mu, log_sigma, y):
    return (log_sigma + 0.5 * ((y - mu) / log_sigma.exp()) ** 2).mean()


def report(model, data):
    x, s, y = data
    with torch.no_grad():
        mu, ls = model(x, s)
    inside = ((y - mu).abs() < 1.64 * ls.exp()).float().mean().item()
    r2 = 1 - ((y - mu) ** 2).mean().item() / y.var().item()
    return nll(mu, ls, y).item(), r2, inside


train, valid = windows(cfg["context"], cut), windows(cut, cfg["weeks"])
model = Forecaster()
opt = torch.optim.Adam(model.parameters(), lr=cfg["lr"])
steps = cfg["epochs"] * math.ceil(len(train[2]) / cfg["batch"])
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=cfg["lr"], total_steps=steps)
for epoch in range(cfg["epochs"]):
    for idx in torch.randperm(len(train[2])).split(cfg["batch"]):
        mu, ls = model(train[0][idx], train[1][idx])
        loss = nll(mu, ls, train[2][idx])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
    log.info("epoch %d  train nll %.3f r2 %.3f  |  valid nll %.3f r2 %.3f 90%%-interval covers %.3f",
             epoch + 1, *report(model, train)[:2], *report(model, valid))
