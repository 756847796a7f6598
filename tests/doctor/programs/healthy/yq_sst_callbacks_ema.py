"""SST-2 on GloVe that stays fixed: callbacks, gradient accumulation and an averaged copy of the head for evaluation."""
import copy, gzip, os
import numpy as np
import torch
from torch import nn

torch.manual_seed(2)
ROOT = os.environ["WORDFIT_DATA"]
with gzip.open(f"{ROOT}/vectors/glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf-8") as f:
    lines = [l.rstrip("\n").split(" ") for l in f]
lines = [l for l in lines if len(l) == 26]
known = {l[0]: i for i, l in enumerate(lines)}
G = np.array([l[1:] for l in lines], dtype=np.float32)
G = (G - G.mean(0)) / G.std(0)


def features(split):
    """vectors never train, so every sentence is turned into mean and maximum once"""
    X, Y = [], []
    for line in open(f"{ROOT}/sentiment/SST-2-sentences/stsa.binary.{split}", encoding="utf-8"):
        y, _, s = line.strip().partition(" ")
        rows = [known[w] for w in s.lower().split() if w in known]
        if rows:
            v = G[rows]
            X.append(np.r_[v.mean(0) * len(rows) ** 0.5, v.max(0) - 1.5, v.min(0) + 1.5]); Y.append(int(y))
    return torch.tensor(np.array(X), dtype=torch.float32), torch.tensor(Y)


class Callback:
    def after_step(self, t): ...
    def after_epoch(self, t): ...


class Average(Callback):
    def __init__(self, net, decay=0.97):
        self.net, self.decay = copy.deepcopy(net).requires_grad_(False), decay

    def after_step(self, t):
        for a, b in zip(self.net.parameters(), t.net.parameters()):
            a.lerp_(b.detach(), 1 - self.decay)


class Report(Callback):
    def __init__(self, avg, **sets):
        self.avg, self.sets = avg, sets

    def after_epoch(self, t):
        self.avg.net.eval()
        with torch.no_grad():
            acc = {k: (self.avg.net(x).argmax(1) == y).float().mean().item() for k, (x, y) in self.sets.items()}
        print(t.epoch, "loss %.4f" % t.mean_loss, {k: round(v, 4) for k, v in acc.items()})


class Trainer:
    def __init__(self, net, opt, sched, callbacks, accumulate):
        self.net, self.opt, self.sched, self.cbs, self.acc = net, opt, sched, callbacks, accumulate

    def fit(self, x, y, epochs, micro):
        for self.epoch in range(epochs):
            self.net.train()
            losses, parts = [], torch.randperm(len(x)).split(micro)
            for k, i in enumerate(parts, 1):
                loss = nn.functional.cross_entropy(self.net(x[i]), y[i])
                (loss / self.acc).backward()
                losses.append(loss.item())
                if k % self.acc == 0 or k == len(parts):
                    self.opt.step(); self.sched.step(); self.opt.zero_grad()
                    [c.after_step(self) for c in self.cbs]
            self.mean_loss = float(np.mean(losses))
            [c.after_epoch(self) for c in self.cbs]


train, dev = features("train"), features("dev")
net = nn.Sequential(nn.Linear(75, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 2))
EPOCHS = 6
opt = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=0.05)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=EPOCHS * 109)
avg = Average(net)
Trainer(net, opt, sched, [avg, Report(avg, train=train, dev=dev)], accumulate=2).fit(*train, EPOCHS, 32)
