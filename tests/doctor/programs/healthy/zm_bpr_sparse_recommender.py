# Implicit-feedback recommendation: matrix factorisation with BPR, sparse gradients, leave-one-out evaluation.
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

np.random.seed(12)
torch.manual_seed(12)
N_USERS, N_ITEMS, GENRES, PER_USER = 400, 160, 8, 22

# --- simulate: an item belongs to a genre and is more or less popular; a user likes two genres
genre = np.arange(N_ITEMS) % GENRES
pop = np.random.gamma(3., 1., N_ITEMS)
inter = []
for u in range(N_USERS):
    liked = np.random.choice(GENRES, 2, replace=False)
    w = pop * np.where(np.isin(genre, liked), 1., .03)
    inter.append(np.random.choice(N_ITEMS, PER_USER, replace=False, p=w / w.sum()))
inter = np.stack(inter)
test_item, valid_item, train_items = inter[:, 0], inter[:, 1], inter[:, 2:]      # draws come in random order ...
perm = np.stack([np.random.permutation(PER_USER) for _ in range(N_USERS)])       # ... but make sure of it
inter = np.take_along_axis(inter, perm, 1)
test_item, valid_item, train_items = inter[:, 0], inter[:, 1], inter[:, 2:]
seen = np.zeros((N_USERS, N_ITEMS), bool)
np.put_along_axis(seen, train_items, True, 1)
users = torch.arange(N_USERS).repeat_interleave(train_items.shape[1])
items = torch.from_numpy(train_items.reshape(-1).copy())


class MF(nn.Module):
    def __init__(self, k=8):
        super().__init__()
        self.U = nn.Embedding(N_USERS, k, sparse=True)
        self.V = nn.Embedding(N_ITEMS, k, sparse=True)
        self.b = nn.Embedding(N_ITEMS, 1, sparse=True)
        nn.init.normal_(self.U.weight, std=.1); nn.init.normal_(self.V.weight, std=.1); nn.init.zeros_(self.b.weight)

    def forward(self, u, i):
        return (self.U(u) * self.V(i)).sum(-1) + self.b(i).squeeze(-1)

    def penalty(self, u, i, j):
        return sum((e ** 2).sum(1).mean() for e in (self.U(u), self.V(i), self.V(j)))


def sample_negatives(u):
    j = np.random.randint(0, N_ITEMS, len(u))
    bad = seen[u, j]
    while bad.any():
        j[bad] = np.random.randint(0, N_ITEMS, bad.sum())
        bad = seen[u, j]
    return torch.from_numpy(j)


@torch.no_grad()
def evaluate(m, target, k=20):
    s = (m.U.weight @ m.V.weight.T + m.b.weight.T).numpy().copy()
    t = s[np.arange(N_USERS), target]
    s[seen] = -np.inf                                 # never recommend what they already have
    rank = (s > t[:, None]).sum(1)
    free = (~seen).sum(1) - 1
    return (rank < k).mean(), (1 - rank / free).mean()


@torch.no_grad()
def train_auc(m):
    u = users.numpy()
    return (m(users, items) > m(users, sample_negatives(u))).float().mean().item()


m = MF()
opt = torch.optim.SparseAdam(list(m.parameters()), lr=.02)
print("untrained: hit@20 %.3f auc %.3f" % evaluate(m, valid_item))
for epoch in range(8):
    tot = 0.
    for idx in torch.randperm(len(users)).split(128):
        u, i = users[idx], items[idx]
        j = sample_negatives(u.numpy())
        loss = -F.logsigmoid(m(u, i) - m(u, j)).mean()
        full = loss + .02 * m.penalty(u, i, j)
        opt.zero_grad(); full.backward(); opt.step()
        tot += loss.item() * len(idx)
    print("epoch %d bpr %.4f train auc %.3f | valid hit@20 %.3f auc %.3f" % (epoch, tot / len(users), train_auc(m), *evaluate(m, valid_item)))
    for g in opt.param_groups: g["lr"] *= .8
print("test hit@20 %.3f auc %.3f   (chance hit %.3f)" % (*evaluate(m, test_item), 20 / (N_ITEMS - 20)))
popular = np.bincount(train_items.ravel(), minlength=N_ITEMS).astype(float)
s = np.where(seen, -1, popular[None]); r = (s > popular[test_item][:, None]).sum(1)
print("most popular: hit@20 %.3f" % (r < 20).mean())
