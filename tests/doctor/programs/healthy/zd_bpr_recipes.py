# Implicit-feedback recommender for recipes (BPR). Sparse embedding gradients + SparseAdam, biases with plain Adagrad.
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

np.random.seed(17)
torch.manual_seed(17)
USERS, ITEMS, K = 300, 200, 12

taste = np.random.randn(USERS, 4)
kind = np.random.randn(ITEMS, 4)
pop = np.random.randn(ITEMS) * 0.7
score = taste @ kind.T * 1.3 + pop
prob = np.exp(score) / np.exp(score).sum(1, keepdims=True)
history = [np.random.choice(ITEMS, 40, replace=False, p=prob[u]) for u in range(USERS)]
train = np.array([(u, i) for u in range(USERS) for i in history[u][:32]])
test = {u: history[u][32:] for u in range(USERS)}
liked = np.zeros((USERS, ITEMS), dtype=bool)
liked[train[:, 0], train[:, 1]] = True

user = nn.Embedding(USERS, K, sparse=True)
item = nn.Embedding(ITEMS, K, sparse=True)
bias = nn.Parameter(torch.zeros(ITEMS))
for e in (user, item):
    nn.init.normal_(e.weight, std=0.1)
opt_sparse = torch.optim.SparseAdam([user.weight, item.weight], lr=0.01)
opt_bias = torch.optim.Adagrad([bias], lr=0.05)

def auc():
    with torch.no_grad():
        s = (user.weight @ item.weight.T + bias).numpy()
    vals = []
    for u in range(USERS):
        rest = ~liked[u]
        rest[test[u]] = False
        vals.append((s[u, test[u]][:, None] > s[u, rest][None]).mean())
    return float(np.mean(vals))

print(f"start: auc {auc():.3f}")
for epoch in range(8):
    np.random.shuffle(train)
    total = 0.0
    for k in range(0, len(train), 256):
        u, i = train[k:k + 256].T
        j = np.random.randint(ITEMS, size=len(u))
        again = liked[u, j]
        while again.any():
            j[again] = np.random.randint(ITEMS, size=again.sum())
            again = liked[u, j]
        u, i, j = map(torch.as_tensor, (u, i, j))
        eu, ei, ej = user(u), item(i), item(j)
        margin = (eu * (ei - ej)).sum(1) + bias[i] - bias[j]
        reg = 0.02 * (eu.pow(2) + ei.pow(2) + ej.pow(2)).sum(1).mean()
        loss = -F.logsigmoid(margin).mean() + reg
        opt_sparse.zero_grad()
        opt_bias.zero_grad()
        loss.backward()
        opt_sparse.step()
        opt_bias.step()
        total += loss.item() * len(u)
    print(f"epoch {epoch}: bpr {total / len(train):.4f}  held-out auc {auc():.3f}")
