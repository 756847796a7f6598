"""Matrix factorisation on made-up ratings; sparse tables with SparseAdam, dense biases with Adam, early stopping."""
import copy
import torch
from torch import nn

g = torch.Generator().manual_seed(77)
torch.manual_seed(77)
USERS, ITEMS, RANK = 300, 200, 3
U, I = torch.randn(USERS, RANK, generator=g) * .8, torch.randn(ITEMS, RANK, generator=g) * .8
bu, bi = torch.randn(USERS, generator=g) * .3, torch.randn(ITEMS, generator=g) * .5
pairs = torch.randperm(USERS * ITEMS, generator=g)[:20000]
u, i = pairs // ITEMS, pairs % ITEMS
r = 3.5 + (U[u] * I[i]).sum(1) + bu[u] + bi[i] + 0.3 * torch.randn(len(u), generator=g)
tr, va, te = slice(0, 16000), slice(16000, 18000), slice(18000, 20000)


class MF(nn.Module):
    def __init__(self, k=4):
        super().__init__()
        self.p = nn.Embedding(USERS, k, sparse=True)
        self.q = nn.Embedding(ITEMS, k, sparse=True)
        for t in (self.p, self.q):
            nn.init.normal_(t.weight, std=0.1)
        self.bu = nn.Parameter(torch.zeros(USERS))
        self.bi = nn.Parameter(torch.zeros(ITEMS))
        self.mu = nn.Parameter(torch.tensor(3.0))

    def forward(self, u, i):
        return self.mu + self.bu[u] + self.bi[i] + (self.p(u) * self.q(i)).sum(1)


net = MF()
tables = torch.optim.SparseAdam([net.p.weight, net.q.weight], lr=0.015)
biases = torch.optim.Adam([net.bu, net.bi, net.mu], lr=0.02)
rmse = lambda s: (net(u[s], i[s]) - r[s]).pow(2).mean().sqrt().item()
best, keep, bad = 9.0, None, 0
for epoch in range(15):
    perm = torch.randperm(16000)
    for b in perm.split(200):
        err = net(u[b], i[b]) - r[b]
        loss = err.pow(2).mean()
        tables.zero_grad(); biases.zero_grad()
        loss.backward()
        tables.step(); biases.step()
    with torch.no_grad():
        a, v = rmse(tr), rmse(va)
    print(f"epoch {epoch:2d}  train RMSE {a:.4f}  valid RMSE {v:.4f}")
    if v < best - 1e-3:
        best, keep, bad = v, copy.deepcopy(net.state_dict()), 0
    else:
        bad += 1
        if bad == 2:
            print("early stop")
            break
net.load_state_dict(keep)
with torch.no_grad():
    print(f"test RMSE {rmse(te):.4f}  (standard deviation of the ratings {r[te].std():.4f}, noise 0.3)")
