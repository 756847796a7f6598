# Implicit-feedback recommender (BPR, Rendle et al. 2009) for the book club site.
# Prints AUC on held-out clicks, train and test.
import numpy as np
import torch

torch.manual_seed(8)
rs = np.random.default_rng(8)
USERS, ITEMS, K = 250, 120, 6

# a world with six tastes
taste = rs.dirichlet(np.full(6, 0.15), USERS)
genre = rs.dirichlet(np.full(6, 0.15), ITEMS)
affinity = taste @ genre.T
clicks = []
for u in range(USERS):
    p = affinity[u] ** 2 + 1e-3
    for i in rs.choice(ITEMS, 28, replace=False, p=p / p.sum()):
        clicks.append((u, i))
clicks = np.array(clicks)
rs.shuffle(clicks)
cut = int(len(clicks) * 0.85)
train, test = clicks[:cut], clicks[cut:]
clicked = np.zeros((USERS, ITEMS), bool)
clicked[clicks[:, 0], clicks[:, 1]] = True
train_mask = np.zeros_like(clicked)
train_mask[train[:, 0], train[:, 1]] = True

user_f = torch.nn.Embedding(USERS, K, sparse=True)
item_f = torch.nn.Embedding(ITEMS, K, sparse=True)
bias = torch.nn.Embedding(ITEMS, 1, sparse=True)
for table in (user_f, item_f):
    torch.nn.init.normal_(table.weight, std=0.1)
torch.nn.init.zeros_(bias.weight)
opt = torch.optim.SparseAdam([*user_f.parameters(), *item_f.parameters(), *bias.parameters()], lr=0.01)


def margin(u, i, j):
    return (user_f(u) * (item_f(i) - item_f(j))).sum(1) + (bias(i) - bias(j)).squeeze(1)


def auc(pairs):
    with torch.no_grad():
        s = (user_f.weight @ item_f.weight.T + bias.weight.T).numpy()
    out = []
    for u, i in pairs:
        never = s[u][~clicked[u]]
        out.append((s[u, i] > never).mean())
    return float(np.mean(out))


for epoch in range(8):
    rs.shuffle(train)
    total = 0.0
    for part in np.array_split(train, len(train) // 64):
        u, i = torch.from_numpy(part).T
        j = rs.integers(0, ITEMS, len(part))
        while (again := train_mask[part[:, 0], j]).any():          # a negative must not be a click
            j[again] = rs.integers(0, ITEMS, again.sum())
        j = torch.from_numpy(j)
        reg = 0.03 * (user_f(u).pow(2) + item_f(i).pow(2) + item_f(j).pow(2)).sum(1).mean()
        loss = -torch.nn.functional.logsigmoid(margin(u, i, j)).mean() + reg
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(part)
    print(f"{epoch:2d}  bpr {total / len(train):.4f}  auc train {auc(train[:800]):.3f}  test {auc(test[:800]):.3f}")
