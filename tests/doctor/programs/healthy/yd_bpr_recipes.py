"""Implicit feedback: which recipe will a user cook next?  Bayesian personalised ranking, written out.

Item vector = free vector + mean of its ingredient vectors, so that rarely seen recipes get something sensible too.
"""
import numpy as np
import torch
from torch import nn

g = np.random.default_rng(8)
torch.manual_seed(8)
N_USER, N_ITEM, N_INGR, K = 500, 260, 60, 5

# ---- a world: ingredients belong to cuisines, users like two cuisines
cuisine_of_ingr = g.integers(0, K, N_INGR)
cuisine = g.integers(0, K, N_ITEM)
ingredients = []
for c in cuisine:
    own = np.flatnonzero(cuisine_of_ingr == c)
    some = set(g.choice(own, 4)) | set(g.integers(0, N_INGR, 2))
    ingredients.append(sorted(int(i) for i in some))
taste = np.full((N_USER, K), 0.02)
for u in range(N_USER):
    a, b = g.choice(K, 2, replace=False)
    taste[u, a], taste[u, b] = 1.0, 0.5
popular = g.gamma(2.0, 1.0, N_ITEM)
history = []
for u in range(N_USER):
    p = taste[u, cuisine] * popular
    history.append(g.choice(N_ITEM, 22, replace=False, p=p / p.sum()))
train = np.array([(u, i) for u, h in enumerate(history) for i in h[:-2]])
held = [set(h[-2:].tolist()) for h in history]
known = np.zeros((N_USER, N_ITEM), dtype=bool)
known[train[:, 0], train[:, 1]] = True
print("interactions", len(train), "held out", sum(map(len, held)))

flat = torch.tensor([i for row in ingredients for i in row])
offs = torch.tensor(np.cumsum([0] + [len(r) for r in ingredients[:-1]]))


class Ranker(nn.Module):
    def __init__(self, d=12):
        super().__init__()
        self.U = nn.Embedding(N_USER, d)
        self.I = nn.Embedding(N_ITEM, d)
        self.G = nn.EmbeddingBag(N_INGR, d, mode="mean")
        self.bias = nn.Parameter(torch.zeros(N_ITEM))
        for m in (self.U, self.I, self.G):
            nn.init.normal_(m.weight, std=0.1)

    def items(self):
        return self.I.weight + self.G(flat, offs)


def metrics(m):
    with torch.no_grad():
        s = m.U.weight @ m.items().T + m.bias
    s[torch.from_numpy(known)] = -float("inf")
    top = s.topk(20, dim=1).indices.tolist()
    recall = np.mean([len(held[u] & set(top[u])) / 2 for u in range(N_USER)])
    auc = np.mean([(s[u, list(held[u])].mean() > s[u][torch.from_numpy(~known[u])]).float().mean().item() for u in range(0, N_USER, 5)])
    return recall, auc


pop = np.bincount(train[:, 1], minlength=N_ITEM).astype(float)
top = [np.argsort(-np.where(known[u], -1, pop))[:20] for u in range(N_USER)]
print("popularity recall@20 %.3f" % np.mean([len(held[u] & set(top[u].tolist())) / 2 for u in range(N_USER)]))

model = Ranker()
opt = torch.optim.Adagrad(model.parameters(), lr=0.12)
for epoch in range(6):
    order = g.permutation(len(train))
    tot = 0.0
    for chunk in np.array_split(order, len(order) // 200):
        u, i = torch.from_numpy(train[chunk]).T
        j = g.integers(0, N_ITEM, len(chunk))
        clash = known[u.numpy(), j]
        j[clash] = g.integers(0, N_ITEM, clash.sum())
        keep = torch.from_numpy(~known[u.numpy(), j])
        j = torch.from_numpy(j)
        vu, items = model.U(u), model.items()
        diff = (vu * (items[i] - items[j])).sum(1) + model.bias[i] - model.bias[j]
        reg = 0.02 * (vu.pow(2).sum(1) + items[i].pow(2).sum(1) + items[j].pow(2).sum(1))
        loss = (torch.log1p(torch.exp(-diff)) + reg)[keep].mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(chunk)
    print("epoch %d  bpr %.4f  recall@20 %.3f  auc %.3f" % (epoch, tot / len(train), *metrics(model)))
