"""Implicit-feedback recommender: matrix factorisation with BPR (Rendle et al.), leave-two-out evaluation."""
import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class Cfg:
    users: int = 400
    songs: int = 300
    genres: int = 6
    plays: int = 30
    dim: int = 8
    lr: float = 0.02
    epochs: int = 8
    batch: int = 512
    reg: float = 2e-3


cfg = Cfg()
rng = np.random.default_rng(2)
torch.manual_seed(2)

# listeners like two genres, songs belong to one, popularity is a power law
genre = rng.integers(cfg.genres, size=cfg.songs)
pop = 1.0 / (1 + rng.permutation(cfg.songs)) ** 0.4
train, held = [], []
liked = np.zeros((cfg.users, cfg.songs), bool)
for u in range(cfg.users):
    mine = rng.choice(cfg.genres, 2, replace=False)
    p = pop * np.where(np.isin(genre, mine), 1.0, 0.04)
    picks = rng.choice(cfg.songs, cfg.plays, replace=False, p=p / p.sum())
    liked[u, picks] = True
    held += [(u, s) for s in picks[:2]]
    train += [(u, s) for s in picks[2:]]
train, held = torch.tensor(np.array(train)), torch.tensor(np.array(held))
liked_t = torch.tensor(liked)
known = torch.zeros_like(liked_t)
known[train[:, 0], train[:, 1]] = True                      # what training may look at
print(len(train), "plays to learn from,", len(held), "held out")


class MF(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.u = nn.Embedding(c.users, c.dim)
        self.i = nn.Embedding(c.songs, c.dim)
        self.b = nn.Embedding(c.songs, 1)
        for e in (self.u, self.i):
            nn.init.normal_(e.weight, 0, 0.1)
        nn.init.zeros_(self.b.weight)

    def score(self, u, i):
        return (self.u(u) * self.i(i)).sum(-1) + self.b(i).squeeze(-1)

    def everything(self):
        return self.u.weight @ self.i.weight.T + self.b.weight.T


def ranking(model, pairs):
    """AUC against songs never played, and hit rate at 20 among them"""
    with torch.no_grad():
        s = model.everything()
    own = s[pairs[:, 0], pairs[:, 1]].unsqueeze(1)
    rows, cand = s[pairs[:, 0]], ~liked_t[pairs[:, 0]]
    worse = ((rows < own) & cand).sum(1) / cand.sum(1)
    rank = ((rows > own) & cand).sum(1)
    return worse.mean().item(), (rank < 20).float().mean().item()


model = MF(cfg)
opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
steps = cfg.epochs * math.ceil(len(train) / cfg.batch)
sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps)
print("untrained AUC %.4f hit@20 %.4f" % ranking(model, held))
for epoch in range(cfg.epochs):
    losses = []
    for pos in train[torch.randperm(len(train))].split(cfg.batch):
        u, i = pos.T
        j = torch.randint(cfg.songs, (len(u),))
        clash = known[u, j]
        while clash.any():                                  # redraw negatives that are training positives
            j = torch.where(clash, torch.randint(cfg.songs, (len(u),)), j)
            clash = known[u, j]
        diff = model.score(u, i) - model.score(u, j)
        l2 = (model.u(u).pow(2) + model.i(i).pow(2) + model.i(j).pow(2)).sum(1).mean()
        loss = -F.logsigmoid(diff).mean() + cfg.reg * l2
        opt.zero_grad()
        loss.backward()
        opt.step()
        sch.step()
        losses.append(loss.item())
    auc, hr = ranking(model, held)
    print(f"epoch {epoch + 1} bpr {np.mean(losses):.4f}  held-out AUC {auc:.4f}  hit@20 {hr:.4f}")
print("train AUC %.4f" % ranking(model, train[torch.randperm(len(train))[:800]])[0])
