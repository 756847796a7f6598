"""Bayesian personalised ranking for a little shop. Sparse factor tables and dense biases, an optimiser for each."""
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

rs = np.random.RandomState(8); torch.manual_seed(8)
USERS, ITEMS, GROUPS = 400, 180, 4

taste = rs.dirichlet([.08] * GROUPS, USERS)
kind = rs.randint(GROUPS, size=ITEMS)
pop = rs.gamma(2., .5, ITEMS)
history = []
for u in range(USERS):
    w = (taste[u][kind] + .002) * pop
    history.append(rs.choice(ITEMS, 20, replace=False, p=w / w.sum()))
history = np.array(history)
train, held = history[:, :16], history[:, 16:]
bought = np.zeros((USERS, ITEMS), bool)
np.put_along_axis(bought, train, True, 1)
pairs = np.stack([np.repeat(np.arange(USERS), train.shape[1]), train.ravel()], 1)


class Factors(nn.Module):
    def __init__(self, k=4):
        super().__init__()
        self.user = nn.Embedding(USERS, k, sparse=True)
        self.item = nn.Embedding(ITEMS, k, sparse=True)
        self.bias = nn.Parameter(torch.zeros(ITEMS))
        for t in (self.user, self.item):
            nn.init.normal_(t.weight, std=.1)

    def score(self, u, i):
        a, b = self.user(u), self.item(i)
        return torch.einsum("...k,...k->...", a, b) + self.bias[i], a, b


def negatives(u):
    j = rs.randint(ITEMS, size=len(u))
    while (clash := bought[u, j]).any():
        j[clash] = rs.randint(ITEMS, size=clash.sum())
    return j


@torch.no_grad()
def auc(model, positives):
    s = model.user.weight @ model.item.weight.T + model.bias
    out = []
    for u in range(USERS):
        rest = np.setdiff1d(np.arange(ITEMS), history[u])
        p, n = s[u, positives[u]], s[u, rest]
        out.append((p[:, None] > n).float().mean().item())
    return float(np.mean(out))


model = Factors()
opt_sparse = torch.optim.SparseAdam([model.user.weight, model.item.weight], lr=4e-2)
opt_dense = torch.optim.SGD([model.bias], lr=.5, momentum=.9)
print(f"before: train AUC {auc(model, train):.3f} held-out AUC {auc(model, held):.3f}")
for epoch in range(7):
    order = rs.permutation(len(pairs)); tot = 0.
    for part in np.array_split(order, len(order) // 256):
        u, i = pairs[part].T
        j = negatives(u)
        u, i, j = map(torch.from_numpy, (u, i.copy(), j))
        pos, a, b = model.score(u, i)
        neg, _, c = model.score(u, j)
        rank = F.softplus(neg - pos).mean()
        reg = .03 * (a.pow(2) + b.pow(2) + c.pow(2)).sum(1).mean()
        opt_sparse.zero_grad(); opt_dense.zero_grad()
        (rank + reg).backward()
        opt_sparse.step(); opt_dense.step()
        tot += rank.item() * len(part)
    for o in (opt_sparse, opt_dense):
        o.param_groups[0]["lr"] *= .6
    print(f"epoch {epoch}: bpr {tot / len(pairs):.4f} train AUC {auc(model, train):.3f} held-out AUC {auc(model, held):.3f}")
