# Explicit ratings: matrix factorisation with biases (Koren 2009), plain SGD-style loop over shuffled triples
import numpy as np
import torch
from torch import nn

USERS, ITEMS, TRUE_K = 250, 120, 2
rs = np.random.RandomState(8)


def simulate(n):
    p, q = rs.randn(USERS, TRUE_K) * 0.8, rs.randn(ITEMS, TRUE_K) * 0.8
    bu, bi = rs.randn(USERS) * 0.35, rs.randn(ITEMS) * 0.5
    cells = rs.permutation(USERS * ITEMS)[:n]
    u, i = cells // ITEMS, cells % ITEMS
    r = 3.2 + bu[u] + bi[i] + (p[u] * q[i]).sum(1) + rs.randn(n) * 0.4
    return u, i, np.clip(np.round(r * 2) / 2, 0.5, 5.0)      # half stars


class BiasedMF(nn.Module):
    def __init__(self, n_users, n_items, k, mean):
        super().__init__()
        self.P = nn.Embedding(n_users, k)
        self.Q = nn.Embedding(n_items, k)
        self.bu = nn.Embedding(n_users, 1)
        self.bi = nn.Embedding(n_items, 1)
        self.register_buffer("mu", torch.tensor(mean))
        for e in (self.P, self.Q):
            nn.init.normal_(e.weight, 0, 0.2)
        for e in (self.bu, self.bi):
            nn.init.zeros_(e.weight)

    def forward(self, u, i):
        return self.mu + self.bu(u)[:, 0] + self.bi(i)[:, 0] + (self.P(u) * self.Q(i)).sum(-1)

    def penalty(self, u, i):
        return sum(e(ix).pow(2).sum(1).mean() for e, ix in ((self.P, u), (self.Q, i), (self.bu, u), (self.bi, i)))


u, i, r = simulate(20000)
u, i, r = torch.from_numpy(u), torch.from_numpy(i), torch.from_numpy(r).float()
cut = 17000
tr, te = slice(0, cut), slice(cut, None)
torch.manual_seed(8)
model = BiasedMF(USERS, ITEMS, TRUE_K, r[tr].mean().item())
opt = torch.optim.Adam(model.parameters(), lr=0.05)
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [4, 6], gamma=0.3)


def rmse(part):
    with torch.no_grad():
        return (model(u[part], i[part]).clamp(0.5, 5) - r[part]).pow(2).mean().sqrt().item()


print("rmse of the global mean %.3f" % r[te].std().item())
for epoch in range(8):
    order = torch.randperm(cut)
    for b in order.split(256):
        loss = ((model(u[b], i[b]) - r[b]) ** 2).mean() + 0.01 * model.penalty(u[b], i[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    print("epoch %d  train rmse %.3f  test rmse %.3f" % (epoch + 1, rmse(tr), rmse(te)))
best = model.bi.weight[:, 0].topk(5).indices.tolist()
print("best liked films:", best)
