"""item2vec: shop items as word vectors, skip-gram with negative sampling on baskets."""
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.RandomState(13)
random.seed(13)
torch.manual_seed(13)

N_ITEMS, N_THEMES = 300, 12
theme_of = rng.permutation(np.arange(N_ITEMS) % N_THEMES)
members = [np.where(theme_of == t)[0] for t in range(N_THEMES)]


def basket():
    t = rng.randint(N_THEMES)
    size = rng.randint(3, 7)
    own = rng.choice(members[t], size, replace=False)
    extra = rng.randint(0, N_ITEMS, rng.binomial(2, 0.3))
    return frozenset(own.tolist() + extra.tolist())


baskets = set()
while len(baskets) < 2400:
    baskets.add(basket())
baskets = sorted(tuple(sorted(b)) for b in baskets)
random.shuffle(baskets)
train, held_out = baskets[:2000], baskets[2000:]

pairs = torch.tensor([(a, b) for bs in train for a in bs for b in bs if a != b])
freq = torch.bincount(pairs[:, 0], minlength=N_ITEMS).float() ** 0.75
print(len(train), "baskets,", len(pairs), "pairs")


class Item2Vec(nn.Module):
    def __init__(self, n, dim=24):
        super().__init__()
        self.center = nn.Embedding(n, dim, sparse=True)
        self.context = nn.Embedding(n, dim, sparse=True)
        nn.init.uniform_(self.center.weight, -0.5 / dim, 0.5 / dim)
        nn.init.uniform_(self.context.weight, -0.5 / dim, 0.5 / dim)

    def forward(self, c, o, neg):
        v = self.center(c)
        good = (v * self.context(o)).sum(1)
        bad = torch.bmm(self.context(neg), v.unsqueeze(2)).squeeze(2)
        return -(F.logsigmoid(good) + F.logsigmoid(-bad).sum(1)).mean()


model = Item2Vec(N_ITEMS)
# fault:
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
# mended:
#optimizer = torch.optim.SparseAdam(list(model.parameters()), lr=0.01)
# end


@torch.no_grad()
def leave_one_out(data, k=20):
    """hide one item of the basket, rank all items by the rest"""
    hits = 0
    for b in data:
        hidden, rest = b[len(b) // 2], [i for i in b if i != b[len(b) // 2]]
        score = model.context.weight @ model.center.weight[rest].mean(0)
        score[rest] = -1e9
        hits += int(hidden in score.topk(k).indices.tolist())
    return hits / len(data)


print("before training: hit@20 %.3f  (random %.3f)" % (leave_one_out(held_out), 20 / N_ITEMS))
for epoch in range(4):
    order = torch.randperm(len(pairs))
    total, steps = 0.0, 0
    for idx in order.split(512):
        c, o = pairs[idx].t()
        neg = torch.multinomial(freq, len(idx) * 5, replacement=True).view(-1, 5)
        loss = model(c, o, neg)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
        steps += 1
    print("epoch %d  loss %.4f  hit@20 %.3f" % (epoch + 1, total / steps, leave_one_out(held_out)))

emb = F.normalize(model.center.weight.detach(), dim=1)
nn1 = (emb @ emb.t() - 2 * torch.eye(N_ITEMS)).argmax(1).numpy()
print("nearest neighbour from the same shelf: %.3f" % (theme_of[nn1] == theme_of).mean())
