"""item2vec for a small web shop: learn which articles belong together from baskets only.
Negative sampling by hand, two sparse tables, SparseAdam."""
import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(2)
torch.manual_seed(2)
N_ITEMS, N_GROUPS, DIM, NEG = 300, 12, 24, 6
group = rng.permutation(np.arange(N_ITEMS) % N_GROUPS)
members = [np.where(group == g)[0] for g in range(N_GROUPS)]


def basket():
    g = rng.integers(N_GROUPS)
    items = list(rng.choice(members[g], rng.integers(3, 6), replace=False))
    if rng.random() < .4:
        items.append(rng.integers(N_ITEMS))
    return items


baskets = [basket() for _ in range(2600)]
past, future = baskets[:2200], baskets[2200:]
pairs = torch.tensor([(a, b) for bk in past for a in bk for b in bk if a != b])
freq = torch.bincount(pairs[:, 1], minlength=N_ITEMS).float() ** .75
print("pairs", len(pairs))

inp = torch.nn.Embedding(N_ITEMS, DIM, sparse=True)
ctx = torch.nn.Embedding(N_ITEMS, DIM, sparse=True)
torch.nn.init.uniform_(inp.weight, -.5 / DIM, .5 / DIM)
torch.nn.init.zeros_(ctx.weight)      # as word2vec does
opt = torch.optim.SparseAdam(list(inp.parameters()) + list(ctx.parameters()), lr=1e-2)


def hit_rate(bks, k=20):
    """hide one article of the basket and look for it among k suggestions"""
    with torch.no_grad():
        u = F.normalize(inp.weight, dim=1)
        hits = 0
        for bk in bks:
            rest = torch.tensor(bk[1:])
            s = u @ u[rest].mean(0)
            s[rest] = -9
            hits += int(bk[0] in s.topk(k).indices.tolist())
    return hits / len(bks)


print("before: hit@20", hit_rate(future))
for epoch in range(4):
    total = 0.0
    for idx in torch.randperm(len(pairs)).split(256):
        c, o = pairs[idx].T
        neg = torch.multinomial(freq, len(idx) * NEG, replacement=True).view(-1, NEG)
        v = inp(c)
        pos = (v * ctx(o)).sum(1)
        bad = torch.einsum("bd,bnd->bn", v, ctx(neg))
        loss = -(F.logsigmoid(pos) + F.logsigmoid(-bad).sum(1)).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    print(f"epoch {epoch} loss {total / len(pairs):.3f} hit@20 past {hit_rate(past[:400]):.3f} future {hit_rate(future):.3f}")
