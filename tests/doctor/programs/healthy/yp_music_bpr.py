# Bayesian personalised ranking for a small record shop (implicit feedback), port of an old Theano script
import math
import numpy as np
import torch

np.random.seed(21)
torch.manual_seed(21)
n_users, n_items, true_rank = 400, 250, 4

# hidden tastes
pu = np.random.randn(n_users, true_rank)
qi = np.random.randn(n_items, true_rank)
pop = 0.7 * np.random.randn(n_items)
affinity = 1.6 * pu @ qi.T / math.sqrt(true_rank) + pop + np.random.gumbel(size=(n_users, n_items)) * 0.5
top = np.argsort(-affinity, 1)[:, :40]
train_pos, test_pos = [], []
for u in range(n_users):
    its = np.random.permutation(top[u])
    train_pos += [(u, i) for i in its[:32]]
    test_pos += [(u, i) for i in its[32:]]
train_pos, test_pos = torch.tensor(train_pos), torch.tensor(test_pos)
bought = torch.zeros(n_users, n_items, dtype=torch.bool)
bought[train_pos[:, 0], train_pos[:, 1]] = True
liked = bought.clone()
liked[test_pos[:, 0], test_pos[:, 1]] = True

D = 6
U = torch.nn.Embedding(n_users, D, sparse=True)
V = torch.nn.Embedding(n_items, D, sparse=True)
bias = torch.nn.Embedding(n_items, 1, sparse=True)
torch.nn.init.normal_(U.weight, 0, 0.1)
torch.nn.init.normal_(V.weight, 0, 0.1)
torch.nn.init.zeros_(bias.weight)
opt = torch.optim.SparseAdam([U.weight, V.weight, bias.weight], lr=0.02)
reg = 0.01


def negatives(users):
    j = torch.randint(n_items, users.shape)
    while True:
        bad = bought[users, j]
        if not bad.any():
            return j
        j[bad] = torch.randint(n_items, (int(bad.sum()),))


@torch.no_grad()
def auc(pairs, known):
    s = U.weight @ V.weight.T + bias.weight.T
    mine = s[pairs[:, 0], pairs[:, 1]][:, None]
    other = s[pairs[:, 0]]
    free = ~known[pairs[:, 0]]
    return (((mine > other) & free).sum(1) / free.sum(1)).mean().item()


print('auc before: %.3f' % auc(test_pos, liked))
B = 512
for it in range(12):
    if it == 8:
        opt.param_groups[0]['lr'] *= 0.3
    tot = 0.
    for k in torch.randperm(len(train_pos)).split(B):
        u, i = train_pos[k].T
        j = negatives(u)
        eu, ei, ej = U(u), V(i), V(j)
        diff = (eu * (ei - ej)).sum(-1) + (bias(i) - bias(j)).squeeze(-1)
        loss = -torch.nn.functional.logsigmoid(diff).mean() + reg * (eu.pow(2) + ei.pow(2) + ej.pow(2)).sum(-1).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(k)
    print('pass %2d  bpr loss %.4f  test auc %.4f' % (it, tot / len(train_pos), auc(test_pos, liked)))
print('train auc %.4f, test auc %.4f' % (auc(train_pos, liked), auc(test_pos, liked)))
