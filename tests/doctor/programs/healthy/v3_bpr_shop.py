"""Implicit feedback recommender (BPR). Sparse tables, SparseAdam, item bias; leave-two-out evaluation."""
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(8)
torch.manual_seed(8)
N_USERS, N_ITEMS, TASTES, PER_USER = 400, 240, 6, 24

# shop log: every user has one or two tastes, every item belongs to one, some purchases are random
item_taste = rng.integers(TASTES, size=N_ITEMS)
pop = rng.gamma(2.0, 1.0, size=N_ITEMS)
log = []
for u in range(N_USERS):
    likes = rng.choice(TASTES, size=rng.integers(1, 3), replace=False)
    w = pop * np.where(np.isin(item_taste, likes), 1.0, 0.02)
    log.append(rng.choice(N_ITEMS, size=PER_USER, replace=False, p=w / w.sum()))
log = np.stack(log)
train_items, test_items = log[:, 2:], log[:, :2]
seen = np.zeros((N_USERS, N_ITEMS), bool)
np.put_along_axis(seen, train_items, True, axis=1)


class BPR(nn.Module):
    def __init__(self, k=6):
        super().__init__()
        self.user = nn.Embedding(N_USERS, k, sparse=True)
        self.item = nn.Embedding(N_ITEMS, k, sparse=True)
        self.bias = nn.Embedding(N_ITEMS, 1, sparse=True)
        nn.init.normal_(self.user.weight, std=0.1)
        nn.init.normal_(self.item.weight, std=0.1)
        nn.init.zeros_(self.bias.weight)

    def forward(self, u, i):
        return (self.user(u) * self.item(i)).sum(-1) + self.bias(i).squeeze(-1)


def negatives(u):
    j = rng.integers(N_ITEMS, size=len(u))
    while (bad := seen[u, j]).any():
        j[bad] = rng.integers(N_ITEMS, size=bad.sum())
    return j


def evaluate(model):
    with torch.no_grad():
        s = (model.user.weight @ model.item.weight.T + model.bias.weight.T).numpy().copy()
    other = ~seen
    np.put_along_axis(other, test_items, False, axis=1)
    auc_tr = np.mean([(s[u, train_items[u], None] > s[u, other[u]]).mean() for u in range(N_USERS)])
    auc_te = np.mean([(s[u, test_items[u], None] > s[u, other[u]]).mean() for u in range(N_USERS)])
    s[seen] = -np.inf
    top = np.argsort(-s, axis=1)[:, :20]
    hit = np.mean([len(set(top[u]) & set(test_items[u])) / 2 for u in range(N_USERS)])
    return auc_tr, auc_te, hit


model = BPR()
opt = torch.optim.SparseAdam(model.parameters(), lr=0.02)
users = np.repeat(np.arange(N_USERS), train_items.shape[1])
items = train_items.reshape(-1)
print("untrained   AUC train %.3f test %.3f hit@20 %.3f" % evaluate(model))
for epoch in range(9):
    order = rng.permutation(len(users))
    for g in opt.param_groups:
        g["lr"] = 0.02 * (1 - epoch / 9)
    total = 0.0
    for ix in np.array_split(order, len(order) // 128):
        u, i, j = users[ix], items[ix], negatives(users[ix])
        u, i, j = map(torch.from_numpy, (u, i, j))
        loss = -nn.functional.logsigmoid(model(u, i) - model(u, j)).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(ix)
    print("epoch %d bpr %.4f  " % (epoch, total / len(order)) + "AUC train %.3f test %.3f hit@20 %.3f" % evaluate(model))
