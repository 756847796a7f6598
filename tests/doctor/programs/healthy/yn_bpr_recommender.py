# Matrix factorisation with BPR (Rendle 2009) -- ids only, sampled negatives, two optimisers (users / items)
import numpy as np
import torch
from torch.nn import Embedding
from torch.nn.functional import logsigmoid

rng = np.random.default_rng(40); torch.manual_seed(40)
N_USERS, N_ITEMS, K = 500, 300, 8
# everybody likes two or so of six genres
genre = rng.integers(0, 6, N_ITEMS)
taste = rng.dirichlet(np.full(6, .25), N_USERS)
popularity = rng.gamma(2., 1., N_ITEMS)
clicks = np.zeros((N_USERS, N_ITEMS), bool)
for u in range(N_USERS):
    p = (taste[u][genre] + .01) * popularity
    clicks[u, rng.choice(N_ITEMS, 24, replace=False, p=p / p.sum())] = True
U, I = np.nonzero(clicks)
test = rng.random(len(U)) < .2
tr_u, tr_i, te_u, te_i = U[~test], I[~test], U[test], I[test]
seen = np.zeros_like(clicks); seen[tr_u, tr_i] = True
print(len(tr_u), 'clicks to train,', len(te_u), 'held out')

users, items = Embedding(N_USERS, K), Embedding(N_ITEMS, K)
bias = torch.zeros(N_ITEMS, requires_grad=True)
for e in (users, items):
    torch.nn.init.normal_(e.weight, 0, .1)
opt_u = torch.optim.Adam(users.parameters(), lr=.04)
opt_i = torch.optim.Adam([items.weight, bias], lr=.04)


def auc(pu, pi, hide):
    with torch.no_grad():
        S = (users.weight @ items.weight.T + bias).numpy()
    neg = ~clicks
    return np.mean([(S[u, i] > S[u][neg[u]]).mean() for u, i in zip(pu[::4], pi[::4])])


tu, ti = torch.from_numpy(tr_u), torch.from_numpy(tr_i)
print(f'popularity AUC {np.mean([(seen.sum(0)[i] > seen.sum(0)[~clicks[u]]).mean() for u, i in zip(te_u[::4], te_i[::4])]):.4f}')
for epoch in range(7):
    total = 0.
    for b in torch.randperm(len(tu)).split(128):
        u, i = tu[b], ti[b]
        j = rng.integers(0, N_ITEMS, len(b))
        bad = seen[u.numpy(), j]
        while bad.any():                                   # a negative must not be a click of this user
            j[bad] = rng.integers(0, N_ITEMS, bad.sum()); bad = seen[u.numpy(), j]
        j = torch.from_numpy(j)
        pu, qi, qj = users(u), items(i), items(j)
        x = (pu * (qi - qj)).sum(1) + bias[i] - bias[j]
        reg = (pu ** 2).sum(1) + (qi ** 2).sum(1) + (qj ** 2).sum(1)
        loss = (-logsigmoid(x) + .02 * reg).mean()
        opt_u.zero_grad(); opt_i.zero_grad()
        loss.backward()
        opt_u.step(); opt_i.step()
        total += loss.item() * len(b)
    for o in (opt_u, opt_i):
        o.param_groups[0]['lr'] *= .6
    print(f'epoch {epoch}: bpr {total / len(tu):.4f}  AUC train {auc(tr_u, tr_i, None):.4f}  held out {auc(te_u, te_i, None):.4f}')
