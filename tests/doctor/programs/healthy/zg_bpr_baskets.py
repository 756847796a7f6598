# BPR on grocery baskets: sparse tables with SparseAdam, dense content projection with Adam.
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(77)
U, I, K = 250, 160, 6
pref_u, pref_i = torch.randn(U, 3), torch.randn(I, 3)
content = torch.cat([pref_i + 0.7 * torch.randn(I, 3), torch.randn(I, 3)], 1)       # noisy item descriptors
top = (pref_u @ pref_i.T + 0.4 * torch.randn(U, I)).topk(36, 1).indices
top = torch.stack([row[torch.randperm(36)] for row in top])
fit_items, dev_items = top[:, :30], top[:, 30:]
bought = torch.zeros(U, I, dtype=torch.bool).scatter_(1, top, True)
known = torch.zeros(U, I, dtype=torch.bool).scatter_(1, fit_items, True)


class BPR(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = nn.Embedding(U, K, sparse=True)
        self.q = nn.Embedding(I, K, sparse=True)
        self.side = nn.Linear(6, K, bias=False)
        nn.init.normal_(self.p.weight, 0, .1); nn.init.normal_(self.q.weight, 0, .1)

    def item(self, i):
        return self.q(i) + self.side(content[i])

    def forward(self, u, i):
        return (self.p(u) * self.item(i)).sum(-1)


m = BPR()
tables = torch.optim.SparseAdam(list(m.p.parameters()) + list(m.q.parameters()), lr=0.015)
dense = torch.optim.Adam(m.side.parameters(), lr=0.005)
pairs = torch.stack([torch.arange(U).repeat_interleave(30), fit_items.reshape(-1)], 1)


@torch.no_grad()
def pairwise_auc(items, exclude):
    s = m.p.weight @ m.item(torch.arange(I)).T
    total = 0.0
    for u in range(U):
        neg = s[u][~exclude[u]]
        total += (s[u][items[u]][:, None] > neg[None]).float().mean().item()
    return total / U


for ep in range(8):
    run = 0.0
    for b in pairs[torch.randperm(len(pairs))].split(150):
        u, i = b.T
        j = torch.randint(0, I, u.shape)
        ok = ~known[u, j]
        u, i, j = u[ok], i[ok], j[ok]
        loss = -F.logsigmoid(m(u, i) - m(u, j)).mean()
        tables.zero_grad(); dense.zero_grad()
        loss.backward()
        tables.step(); dense.step()
        run += loss.item() * len(b) / len(pairs)
    print(f"epoch {ep}  bpr {run:.4f}  AUC fit {pairwise_auc(fit_items, bought):.4f}  AUC held-out {pairwise_auc(dev_items, bought):.4f}")
