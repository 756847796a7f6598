"""
Implicit feedback recommender (BPR, Rendle et al. 2009) for a small recipe club: who cooked what.
Sparse embeddings with SparseAdam, a dense Adam for the item bias -- two optimizers, one loss.
"""
import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(3)
torch.manual_seed(3)

N_USERS, N_ITEMS, K_TRUE, DIM = 300, 120, 4, 8

# tastes: every member likes one or two of four cuisines, every recipe belongs to one
cuisine = rng.integers(0, K_TRUE, N_ITEMS)
popular = rng.normal(0, 0.5, N_ITEMS)
taste = np.zeros((N_USERS, K_TRUE))
for u in range(N_USERS):
    taste[u, rng.choice(K_TRUE, rng.integers(1, 3), replace=False)] = 1.0

train_pairs, held = [], []
liked = [set() for _ in range(N_USERS)]
for u in range(N_USERS):
    weight = np.exp(3.5 * taste[u, cuisine] + popular)
    cooked = rng.choice(N_ITEMS, size=16, replace=False, p=weight / weight.sum())
    liked[u] = set(cooked.tolist())
    held.append(cooked[:2])
    train_pairs += [(u, i) for i in cooked[2:]]
train_pairs = torch.tensor(train_pairs)
seen = torch.zeros(N_USERS, N_ITEMS, dtype=torch.bool)
seen[train_pairs[:, 0], train_pairs[:, 1]] = True
held = torch.tensor(np.array(held))

users = torch.nn.Embedding(N_USERS, DIM, sparse=True)
items = torch.nn.Embedding(N_ITEMS, DIM, sparse=True)
torch.nn.init.normal_(users.weight, std=0.1)
torch.nn.init.normal_(items.weight, std=0.1)
bias = torch.nn.Parameter(torch.zeros(N_ITEMS))
sparse_opt = torch.optim.SparseAdam(list(users.parameters()) + list(items.parameters()), lr=0.01)
dense_opt = torch.optim.Adam([bias], lr=0.01)


def sample_negatives(u):
    """Items that the member has not cooked (as far as the training data tells)."""
    neg = torch.randint(N_ITEMS, u.shape)
    while True:
        clash = seen[u, neg]
        if not clash.any():
            return neg
        neg[clash] = torch.randint(N_ITEMS, (int(clash.sum()),))


@torch.no_grad()
def auc():
    scores = users.weight @ items.weight.T + bias
    hits = []
    for u in range(N_USERS):
        neg = ~seen[u]
        neg[held[u]] = False
        hits.append((scores[u, held[u]].unsqueeze(1) > scores[u][neg]).float().mean())
    return torch.stack(hits).mean().item()


print(f"{len(train_pairs)} cooked pairs; AUC before training {auc():.3f}")
for epoch in range(9):
    total = 0.0
    for rows in torch.randperm(len(train_pairs)).split(128):
        u, i = train_pairs[rows].T
        j = sample_negatives(u)
        pu = users(u)
        pi, pj = items(i), items(j)
        margin = (pu * (pi - pj)).sum(-1) + bias[i] - bias[j]
        penalty = 0.01 * (pu.pow(2) + pi.pow(2) + pj.pow(2)).sum(-1).mean()
        loss = -F.logsigmoid(margin).mean() + penalty
        sparse_opt.zero_grad()
        dense_opt.zero_grad()
        loss.backward()
        sparse_opt.step()
        dense_opt.step()
        total += loss.item() * len(rows)
    print(f"epoch {epoch}: loss {total / len(train_pairs):.4f}  AUC on the held-out dishes {auc():.3f}")
