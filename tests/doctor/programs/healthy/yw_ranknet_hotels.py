# RankNet: order hotels within one search. Pairwise logistic loss inside a query; NDCG@5 on other queries.
import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(9)

Q, DOCS, FEATS = 260, 12, 6
g = torch.Generator().manual_seed(9)

def searches(n):
    x = torch.randn(n, DOCS, FEATS, generator=g)
    price_level = torch.randn(n, 1, generator=g)              # same shift for all hotels of a query
    x[..., 0] += 2 * price_level
    util = -1.2 * (x[..., 0] - 2 * price_level) + torch.tanh(2 * x[..., 1]) + .7 * x[..., 2] * (x[..., 3] > 0) \
        + .2 * torch.randn(n, DOCS, generator=g)
    order = util.argsort(1, descending=True).argsort(1)
    rel = torch.where(order < 1, 3, torch.where(order < 3, 2, torch.where(order < 6, 1, 0))).float()
    return x, rel

Xtr, Rtr = searches(Q)
Xte, Rte = searches(90)

def ndcg(scores, rel, k=5):
    disc = 1 / torch.log2(torch.arange(k) + 2.)
    top = lambda key: ((2 ** rel.gather(1, key.argsort(1, descending=True)[:, :k]) - 1) * disc).sum(1)
    return (top(scores) / top(rel)).mean().item()

net = nn.Sequential(nn.Linear(FEATS, 32), nn.ELU(), nn.Linear(32, 16), nn.ELU(), nn.Linear(16, 1, bias=False))
optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)

print("random order ndcg@5 %.3f" % ndcg(torch.rand(Rte.shape, generator=g), Rte))
for epoch in range(8):
    net.train()
    tot = 0
    for q in torch.randperm(Q).tolist():
        s = net(Xtr[q]).squeeze(-1)
        better = Rtr[q][:, None] > Rtr[q][None, :]
        gap = s[:, None] - s[None, :]
        loss = F.softplus(-gap[better]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        tot += loss.item()
    if epoch == 4:
        for pg in optimizer.param_groups: pg["lr"] /= 8
    net.eval()
    with torch.no_grad():
        print("epoch %d pair loss %.4f ndcg@5 train %.3f test %.3f" % (
            epoch, tot / Q, ndcg(net(Xtr).squeeze(-1), Rtr), ndcg(net(Xte).squeeze(-1), Rte)))
