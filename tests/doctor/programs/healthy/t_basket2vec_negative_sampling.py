# Recommender course, sheet 4: item2vec. Skip-gram with negative sampling over shopping baskets,
# two sparse tables, loss written with logsigmoid. Test: one item of each unseen basket is hidden, find it again.
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(8)
torch.manual_seed(8)

N_ITEMS, MEALS, K = 240, 12, 5
popularity = rng.zipf(1.6, N_ITEMS).clip(max=12).astype(float)
member = rng.permutation(N_ITEMS).reshape(MEALS, -1)          # 20 items for every kind of meal


def basket():
    meal = rng.integers(MEALS)
    own = member[meal]
    p = np.sqrt(popularity[own])
    items = list(rng.choice(own, size=rng.integers(3, 7), replace=False, p=p / p.sum()))
    if rng.random() < 0.5:                                    # something else that was needed as well
        items.append(rng.choice(N_ITEMS, p=popularity / popularity.sum()))
    return list(dict.fromkeys(int(i) for i in items))


train = [basket() for _ in range(1600)]
known = {frozenset(b) for b in train}
test = [b for b in (basket() for _ in range(500)) if frozenset(b) not in known]
pairs = torch.tensor([(a, b) for bk in train for a in bk for b in bk if a != b])
freq = torch.bincount(pairs[:, 0], minlength=N_ITEMS).float()
noise = (freq + 1) ** 0.75
print(f"{len(pairs)} pairs from {len(train)} baskets")


class SGNS(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        self.inp = nn.Embedding(n, d, sparse=True)
        self.ctx = nn.Embedding(n, d, sparse=True)
        nn.init.uniform_(self.inp.weight, -0.5 / d, 0.5 / d)
        nn.init.uniform_(self.ctx.weight, -0.5 / d, 0.5 / d)

    def forward(self, a, b, neg):
        v = self.inp(a)                                                     # (B, d)
        pos = F.logsigmoid((v * self.ctx(b)).sum(1))                        # (B,)
        bad = F.logsigmoid(-torch.einsum("bkd,bd->bk", self.ctx(neg), v))   # (B, K)
        return -(pos + bad.sum(1)).mean()


model = SGNS(N_ITEMS, 16)
optimizer = torch.optim.SparseAdam(list(model.parameters()), lr=0.02)


@torch.no_grad()
def hit_at_10(baskets):
    hits = pop_hits = 0
    for bk in baskets:
        hidden, rest = bk[0], bk[1:]
        s = model.inp.weight[rest].mean(0) @ model.ctx.weight.T
        s[rest] = -float("inf")
        hits += hidden in s.topk(10).indices.tolist()
        p = freq.clone()
        p[rest] = -1
        pop_hits += hidden in p.topk(10).indices.tolist()
    return hits / len(baskets), pop_hits / len(baskets)


for epoch in range(3):
    perm = torch.randperm(len(pairs))
    acc = 0.0
    for idx in perm.split(128):
        a, b = pairs[idx].T
        neg = torch.multinomial(noise, len(idx) * K, replacement=True).view(-1, K)
        loss = model(a, b, neg)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        acc += loss.item() * len(idx)
    print("epoch %d  loss %.3f (start %.3f)  hit@10 train %.3f" % (epoch + 1, acc / len(pairs), (K + 1) * 0.6931, hit_at_10(train[:400])[0]), "test %.3f, most popular %.3f" % hit_at_10(test))

vec = F.normalize(model.inp.weight.detach(), dim=1)
sim = vec @ vec.T - 2 * torch.eye(N_ITEMS)
meal_of = np.empty(N_ITEMS, dtype=int)
for m, items in enumerate(member):
    meal_of[items] = m
near = sim.argmax(1).numpy()
print("nearest neighbour belongs to the same meal: %.3f" % (meal_of[near] == meal_of).mean())
