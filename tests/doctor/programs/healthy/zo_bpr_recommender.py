# Bayesian personalised ranking for readers and articles; sparse embedding gradients with SparseAdam,
# item biases with an ordinary optimiser
import torch
from torch import nn
from torch.nn.functional import logsigmoid

torch.manual_seed(100)
U, I, D = 300, 200, 6
true_u, true_i = torch.randn(U, 3), torch.randn(I, 3)
pop = 0.7 * torch.randn(I)
affinity = 1.5 * true_u @ true_i.T + pop + torch.distributions.Gumbel(0., 1.).sample((U, I))
liked = affinity.topk(40, dim=1).indices                 # what each reader has clicked
liked = liked[:, torch.randperm(40)]
train_pos, test_pos = liked[:, :32], liked[:, 32:]
seen = torch.zeros(U, I, dtype=torch.bool).scatter_(1, train_pos, True)
heldout = torch.zeros(U, I, dtype=torch.bool).scatter_(1, test_pos, True)

users, items = nn.Embedding(U, D, sparse=True), nn.Embedding(I, D, sparse=True)
for t in (users, items):
    nn.init.normal_(t.weight, std=0.1)
bias = nn.Parameter(torch.zeros(I))
opts = [torch.optim.SparseAdam([users.weight, items.weight], lr=0.02), torch.optim.SGD([bias], lr=1.0)]


@torch.no_grad()
def auc(target, exclude):
    s = users.weight @ items.weight.T + bias
    out = []
    for u in range(U):
        pos, neg = s[u][target[u]], s[u][~(target[u] | exclude[u])]
        out.append((pos[:, None] > neg[None]).float().mean())
    return torch.stack(out).mean().item()


uu = torch.arange(U).repeat_interleave(train_pos.shape[1])
ii = train_pos.reshape(-1)
print(f"start: held-out AUC {auc(heldout, seen):.3f}")
for epoch in range(7):
    for o in opts:
        for gr in o.param_groups:
            gr["lr"] *= 0.8
    total = 0.
    for sel in torch.randperm(len(uu)).split(128):
        u, i = uu[sel], ii[sel]
        j = torch.randint(0, I, i.shape)
        ok = ~seen[u, j]                       # drop accidental positives
        u, i, j = u[ok], i[ok], j[ok]
        pu, qi, qj = users(u), items(i), items(j)
        x = (pu * (qi - qj)).sum(1) + bias[i] - bias[j]
        reg = 0.02 * (pu.square() + qi.square() + qj.square()).sum(1).mean()
        loss = -logsigmoid(x).mean() + reg
        for o in opts:
            o.zero_grad()
        loss.backward()
        for o in opts:
            o.step()
        total += loss.item()
    print(f"epoch {epoch}: loss {total * 128 / len(uu):.3f}  train AUC {auc(seen, heldout):.3f}  held-out AUC {auc(heldout, seen):.3f}")
