# Implicit feedback recommender: BPR-MF on synthetic listening logs.
# Port of our old numpy SGD job. Users/items live in sparse embedding tables (SparseAdam), the item popularity bias is
# dense and has its own optimizer. AUC and HitRate@10 on two held-out songs per user.
import numpy as np
import torch
import torch.nn as nn

SEED, N_USERS, N_ITEMS, N_GENRES, DIM = 7, 600, 300, 6, 12
rng = np.random.RandomState(SEED)
torch.manual_seed(SEED)

# --- world -------------------------------------------------------------------------------------------------------
genre_of = rng.randint(N_GENRES, size=N_ITEMS)
popularity = rng.gumbel(size=N_ITEMS) * 0.5
taste = rng.dirichlet([0.25] * N_GENRES, size=N_USERS)
logs = []
for u in range(N_USERS):
    score = np.log(taste[u, genre_of] + 5e-3) + popularity
    prob = np.exp(score - score.max())
    logs.append(rng.choice(N_ITEMS, size=24, replace=False, p=prob / prob.sum()))
logs = np.stack(logs)
train_items, test_items = logs[:, :22], logs[:, 22:]
heard = np.zeros((N_USERS, N_ITEMS), dtype=bool)
np.put_along_axis(heard, train_items, True, axis=1)
heard_t = torch.from_numpy(heard)
ever = heard_t.clone()
ever.scatter_(1, torch.from_numpy(test_items), True)


class BPR(nn.Module):
    def __init__(self):
        super().__init__()
        self.P = nn.Embedding(N_USERS, DIM, sparse=True)
        self.Q = nn.Embedding(N_ITEMS, DIM, sparse=True)
        self.b = nn.Parameter(torch.zeros(N_ITEMS))
        for t in (self.P, self.Q):
            nn.init.normal_(t.weight, 0, 0.1)

    def pair(self, u, i, j):
        p, qi, qj = self.P(u), self.Q(i), self.Q(j)
        reg = (p ** 2 + qi ** 2 + qj ** 2).sum(-1).mean()
        return (p * (qi - qj)).sum(-1) + self.b[i] - self.b[j], reg

    def all_scores(self):
        return self.P.weight @ self.Q.weight.t() + self.b


def report(m, items, exclude):
    """items (U, k) against all songs outside `exclude`."""
    with torch.no_grad():
        s = m.all_scores()
        pos = s.gather(1, torch.as_tensor(items))
        neg = s.masked_fill(exclude, float('nan'))
        auc = torch.stack([(pos[:, k:k + 1] > neg).float().sum(1) / (~exclude).sum(1) for k in range(pos.shape[1])])
        better = torch.stack([(neg > pos[:, k:k + 1]).sum(1) for k in range(pos.shape[1])])
    return auc.mean().item(), (better < 10).float().mean().item()


model = BPR()
tables = torch.optim.SparseAdam([model.P.weight, model.Q.weight], lr=0.01)
biases = torch.optim.Adagrad([model.b], lr=0.05)
uu = torch.arange(N_USERS).repeat_interleave(22)
ii = torch.from_numpy(train_items.reshape(-1).copy())
EPOCHS, LAM = 8, 0.03
for ep in range(EPOCHS):
    if ep >= EPOCHS - 3:
        tables.param_groups[0]['lr'] *= 0.4
    perm = torch.randperm(len(uu))
    tot = 0.
    for chunk in perm.split(200):
        u, i = uu[chunk], ii[chunk]
        j = torch.randint(N_ITEMS, (len(u),))
        for _ in range(5):                       # resample negatives that the user has heard
            bad = heard_t[u, j]
            j = torch.where(bad, torch.randint(N_ITEMS, (len(u),)), j)
        keep = ~heard_t[u, j]
        margin, reg = model.pair(u[keep], i[keep], j[keep])
        loss = nn.functional.softplus(-margin).mean() + LAM * reg
        tables.zero_grad(); biases.zero_grad()
        loss.backward()
        tables.step(); biases.step()
        tot += loss.item() * len(u)
    auc, hr = report(model, test_items, ever)
    print('epoch %d  bpr %.4f  test AUC %.4f  HR@10 %.4f' % (ep + 1, tot / len(uu), auc, hr))
auc_tr, hr_tr = report(model, train_items, ever)
print('train AUC %.4f HR@10 %.4f   (random: 0.5, %.3f)' % (auc_tr, hr_tr, 10. / (N_ITEMS - 24)))
base = BPR()
with torch.no_grad():
    base.P.weight.zero_(); base.b.copy_(torch.from_numpy(heard.sum(0).astype('float32')))
print('popularity baseline, test: AUC %.4f HR@10 %.4f' % report(base, test_items, ever))
