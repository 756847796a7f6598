"""Will this session convert? What counts is how often the cart was touched; sessions are long."""
import logging

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

logging.basicConfig(level=logging.INFO, format="%(message)s")
log = logging.getLogger("sessions")

CFG = {"events": 12, "steps": 40, "dim": 8, "hidden": 24, "lr": 0.03, "momentum": 0.9, "epochs": 8, "batch": 50,
       "max_grad_norm": 0.5, "seed": 2}


def sessions(rng, n, cfg):
    x = rng.integers(1, cfg["events"], (n, cfg["steps"]))
    rate = rng.uniform(0.0, 0.5, n)
    cart = rng.random((n, cfg["steps"])) < rate[:, None]
    x[cart] = 3
    score = (x == 3).mean(1) - 0.3
    return torch.from_numpy(x), torch.from_numpy((score > 0).astype(np.float32))


class SessionCell(nn.Module):
    """State = leaky_relu(U state + W event): starts as a counter (identity), as in the IRNN paper."""

    def __init__(self, cfg):
        super().__init__()
        self.events = nn.Embedding(cfg["events"], cfg["dim"])
        self.inp = nn.Linear(cfg["dim"], cfg["hidden"])
        self.rec = nn.Linear(cfg["hidden"], cfg["hidden"], bias=False)
        self.out = nn.Linear(cfg["hidden"], 1)
        nn.init.eye_(self.rec.weight)
        nn.init.normal_(self.events.weight, std=0.2)

    def forward(self, x):
        e = self.inp(self.events(x)) * 0.1
        h = torch.zeros(x.size(0), self.rec.in_features)
        for t in range(x.size(1)):
            h = F.leaky_relu(self.rec(h) + e[:, t], 0.1)
        return self.out(h).squeeze(1)


class Trainer:
    def __init__(self, model, cfg):
        self.model, self.cfg = model, cfg
        self.opt = torch.optim.SGD(model.parameters(), lr=cfg["lr"], momentum=cfg["momentum"])
        self.sched = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, cfg["epochs"])
        self.crit = nn.BCEWithLogitsLoss()

    def epoch(self, x, y):
        total, self.norm = 0.0, 0.0
        for idx in torch.randperm(len(x)).split(self.cfg["batch"]):
            loss = self.crit(self.model(x[idx]), y[idx])
            self.opt.zero_grad()
            loss.backward()
            # fault:
            norm = sum(p.grad.norm() ** 2 for p in self.model.parameters()) ** 0.5
            # mended:
            # norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.cfg["max_grad_norm"])
            # end
            self.opt.step()
            self.norm = max(self.norm, float(norm))
            total += loss.item() * len(idx)
        self.sched.step()
        return total / len(x)

    @torch.no_grad()
    def accuracy(self, x, y):
        return ((self.model(x) > 0).float() == y).float().mean().item()


if __name__ == "__main__":
    torch.manual_seed(CFG["seed"])
    rng = np.random.default_rng(CFG["seed"])
    xt, yt = sessions(rng, 1500, CFG)
    xd, yd = sessions(rng, 500, CFG)
    log.info("positives %.3f", yt.mean())
    t = Trainer(SessionCell(CFG), CFG)
    for e in range(CFG["epochs"]):
        loss = t.epoch(xt, yt)
        log.info("epoch %d loss %.4f peak grad norm %.3g train %.3f dev %.3f", e, loss, t.norm, t.accuracy(xt, yt), t.accuracy(xd, yd))
