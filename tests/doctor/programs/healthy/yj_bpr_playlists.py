# Implicit feedback recommender (BPR-MF), listeners x tracks, sparse gradients.
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rs = np.random.RandomState(17); torch.manual_seed(17)
N_USERS, N_ITEMS, TRUE_D = 500, 300, 4
taste = rs.randn(N_USERS, TRUE_D); style = rs.randn(N_ITEMS, TRUE_D); pop = rs.randn(N_ITEMS) * .7
utility = taste @ style.T * 1.3 + pop
train_pairs, test_items, liked = [], [], []
for u in range(N_USERS):
    # 40 plays, Gumbel top-k
    top = np.argsort(-(utility[u] + rs.gumbel(size=N_ITEMS)))[:40]
    top = rs.permutation(top)
    train_pairs += [(u, i) for i in top[5:]]
    test_items.append(top[:5]); liked.append(set(top.tolist()))
pairs = torch.tensor(np.array(train_pairs))
seen = torch.zeros(N_USERS, N_ITEMS, dtype=torch.bool)
seen[pairs[:, 0], pairs[:, 1]] = True
print("interactions", len(pairs))

K = 8
U = nn.Embedding(N_USERS, K, sparse=True)
V = nn.Embedding(N_ITEMS, K, sparse=True)
B = nn.Embedding(N_ITEMS, 1, sparse=True)
for t in (U, V):
    nn.init.normal_(t.weight, std=0.1)
nn.init.zeros_(B.weight)
opt = torch.optim.SparseAdam([U.weight, V.weight, B.weight], lr=1e-2)


def bpr(u, i, j, reg=0.02):
    pu, qi, qj = U(u), V(i), V(j)
    x = (pu * (qi - qj)).sum(-1) + (B(i) - B(j)).squeeze(-1)
    l2 = pu.pow(2).sum(-1) + qi.pow(2).sum(-1) + qj.pow(2).sum(-1)
    return -F.logsigmoid(x).mean() + reg * l2.mean(), (x > 0).float().mean()


def negatives(u):
    j = torch.randint(N_ITEMS, u.shape)
    while True:                      # resample what the user has played in train
        bad = seen[u, j]
        if not bad.any():
            return j
        j[bad] = torch.randint(N_ITEMS, (int(bad.sum()),))


@torch.no_grad()
def evaluate(k=20):
    s = U.weight @ V.weight.t() + B.weight.t()
    s = s.masked_fill(seen, -1e9)
    top = s.topk(k, 1).indices.numpy()
    recall = np.mean([len(set(top[u]) & set(test_items[u])) / 5 for u in range(N_USERS)])
    aucs = []
    for u in range(N_USERS):
        neg = np.array([i for i in range(N_ITEMS) if i not in liked[u]])
        sc = s[u].numpy()
        aucs.append((sc[test_items[u]][:, None] > sc[neg][None]).mean())
    return recall, np.mean(aucs)


popular = np.bincount(pairs[:, 1].numpy(), minlength=N_ITEMS)
print("random recall@20 ~ %.3f" % (20 / (N_ITEMS - 35)))
for epoch in range(10):
    perm = pairs[torch.randperm(len(pairs))]
    tot = acc = n = 0
    for chunk in perm.split(256):
        u, i = chunk[:, 0], chunk[:, 1]
        loss, a = bpr(u, i, negatives(u))
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item(); acc += a.item(); n += 1
    if epoch >= 6:
        opt.param_groups[0]["lr"] *= .5
    r, auc = evaluate()
    print(f"epoch {epoch:2d}  bpr {tot / n:.4f}  train pair acc {acc / n:.3f}  recall@20 {r:.4f}  AUC {auc:.4f}")
