# Nightly matrix factorisation for "you may also like": BPR, sparse gradients for the big tables, Adam for the rest
import logging
from types import SimpleNamespace

import numpy as np
import torch
from torch import nn
from torch.nn.functional import logsigmoid

logging.basicConfig(level=logging.INFO, format="bpr | %(message)s")
cfg = SimpleNamespace(users=300, items=200, dim=8, lr=0.03, bias_lr=0.02, epochs=7, batch=512, l2=2e-2, seed=6)
rng = np.random.default_rng(cfg.seed)
torch.manual_seed(cfg.seed)

# interaction log: users have one or two tastes, items belong to a taste, some items are popular with all
taste = rng.integers(0, 6, cfg.items)
popular = rng.gamma(1.0, 1.0, cfg.items)
log_rows = []
for u in range(cfg.users):
    likes = rng.choice(6, rng.integers(1, 3), replace=False)
    p = popular * (0.04 + np.isin(taste, likes))
    for i in rng.choice(cfg.items, 36, replace=False, p=p / p.sum()):
        log_rows.append((u, i))
log_rows = np.array(log_rows)
holdout = np.zeros(len(log_rows), dtype=bool)
for u in range(cfg.users):
    holdout[rng.choice(np.flatnonzero(log_rows[:, 0] == u), 5, replace=False)] = True
train, test = log_rows[~holdout], log_rows[holdout]
liked = np.zeros((cfg.users, cfg.items), dtype=bool)
liked[log_rows[:, 0], log_rows[:, 1]] = True


class MF(nn.Module):
    def __init__(self):
        super().__init__()
        self.user = nn.Embedding(cfg.users, cfg.dim, sparse=True)
        self.item = nn.Embedding(cfg.items, cfg.dim, sparse=True)
        self.bias = nn.Parameter(torch.zeros(cfg.items))
        nn.init.normal_(self.user.weight, std=0.1)
        nn.init.normal_(self.item.weight, std=0.1)

    def forward(self, u, i):
        pu, qi = self.user(u), self.item(i)
        return (pu * qi).sum(-1) + self.bias[i], pu.pow(2).sum(-1) + qi.pow(2).sum(-1)


def negatives(users):
    j = rng.integers(0, cfg.items, len(users))
    bad = liked[users, j]
    while bad.any():
        j[bad] = rng.integers(0, cfg.items, bad.sum())
        bad = liked[users, j]
    return j


@torch.no_grad()
def auc(model, rows):
    u = torch.from_numpy(rows[:, 0])
    wins = []
    for _ in range(10):
        pos, _p = model(u, torch.from_numpy(rows[:, 1]))
        neg, _n = model(u, torch.from_numpy(negatives(rows[:, 0])))
        wins.append((pos > neg).float().mean().item())
    return float(np.mean(wins))


model = MF()
sparse_opt = torch.optim.SparseAdam([model.user.weight, model.item.weight], lr=cfg.lr)
dense_opt = torch.optim.Adam([model.bias], lr=cfg.bias_lr)
optimizers = (sparse_opt, dense_opt)
for epoch in range(cfg.epochs):
    for o in optimizers:
        for g in o.param_groups:
            g["lr"] *= 0.75 if epoch > 1 else 1.0
    perm = rng.permutation(len(train))
    losses = []
    for k in range(0, len(perm), cfg.batch):
        rows = train[perm[k:k + cfg.batch]]
        u = torch.from_numpy(rows[:, 0])
        pos, rp = model(u, torch.from_numpy(rows[:, 1]))
        neg, rn = model(u, torch.from_numpy(negatives(rows[:, 0])))
        loss = -logsigmoid(pos - neg).mean() + cfg.l2 * (rp + rn).mean()
        for o in optimizers:
            o.zero_grad()
        loss.backward()
        for o in optimizers:
            o.step()
        losses.append(loss.item())
    logging.info("epoch %d loss %.4f auc train %.3f held out %.3f", epoch + 1, np.mean(losses), auc(model, train), auc(model, test))
