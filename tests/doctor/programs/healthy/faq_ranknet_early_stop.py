#!/usr/bin/env python
"""FAQ search: one query, ten candidate answers, one of them right. Pairwise logistic ranking loss (RankNet),
bilinear score between two EmbeddingBags, best epoch kept by dev MRR."""
import copy
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

rng = np.random.default_rng(77)
torch.manual_seed(77)
TOPICS, ASK, TELL, NOISE = 25, 5, 6, 60
# word numbers: query words by topic, answer words by topic, then words that anyone uses
ask = np.arange(TOPICS * ASK).reshape(TOPICS, ASK)
tell = np.arange(TOPICS * TELL).reshape(TOPICS, TELL)
Q_LEN, A_LEN, CAND = 4, 7, 10
NQ, NA = TOPICS * ASK + NOISE, TOPICS * TELL + NOISE


def question(k):
    q = np.concatenate([rng.choice(ask[k], 2, replace=False), rng.integers(TOPICS * ASK, NQ, Q_LEN - 2)])
    return rng.permutation(q)


def answer(k):
    a = np.concatenate([rng.choice(tell[k], 3, replace=False), rng.integers(TOPICS * TELL, NA, A_LEN - 3)])
    return rng.permutation(a)


def split(n):
    q = np.empty((n, Q_LEN), dtype=np.int64)
    a = np.empty((n, CAND, A_LEN), dtype=np.int64)
    for i in range(n):
        ks = rng.permutation(TOPICS)[:CAND]
        q[i] = question(ks[0])
        for c, k in enumerate(ks):
            a[i, c] = answer(k)                # place 0 is the right one; the scorer can't see places
    return torch.from_numpy(q), torch.from_numpy(a)


class Matcher(nn.Module):
    def __init__(self, d=20):
        super().__init__()
        self.q = nn.EmbeddingBag(NQ, d, mode="sum")
        self.a = nn.EmbeddingBag(NA, d, mode="sum")
        for t in (self.q, self.a):
            nn.init.normal_(t.weight, std=0.2)

    def forward(self, q, a):
        n, c, l = a.shape
        u = self.q(q)
        v = self.a(a.view(n * c, l)).view(n, c, -1)
        return torch.einsum("nd,ncd->nc", u, v)


def mrr(scores):
    rank = 1 + (scores[:, 1:] >= scores[:, :1]).sum(1)
    return (1.0 / rank).mean().item()


tr, dv, te = split(2500), split(500), split(500)
net = Matcher()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
best, best_state, patience = 0.0, None, 0
for epoch in range(12):
    net.train()
    tot = 0.0
    for b in torch.randperm(len(tr[0])).split(50):
        s = net(tr[0][b], tr[1][b])
        loss = F.softplus(s[:, 1:] - s[:, :1]).mean()
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    net.eval()
    with torch.no_grad():
        m, mt = mrr(net(*dv)), mrr(net(*tr))
    print(f"epoch {epoch} rank loss {tot / len(tr[0]):.4f} MRR train {mt:.4f} dev {m:.4f}")
    if m > best + 1e-3:
        best, best_state, patience = m, copy.deepcopy(net.state_dict()), 0
    else:
        patience += 1
        if patience == 2:
            break
net.load_state_dict(best_state)
with torch.no_grad():
    s = net(*te)
print(f"test MRR {mrr(s):.4f}  right answer first {(s.argmax(1) == 0).float().mean():.4f}  (by chance 0.1)")
