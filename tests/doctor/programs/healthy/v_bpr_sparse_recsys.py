# BPR for "people who used this hashtag": implicit feedback, pairwise loss, sparse gradients
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(4)
rs = np.random.RandomState(4)
USERS, TAGS, GROUPS = 300, 200, 8

group_u = rs.randint(0, GROUPS, USERS)
group_t = rs.randint(0, GROUPS, TAGS)
inter = []
for u in range(USERS):
    own = np.where(group_t == group_u[u])[0]
    liked = rs.choice(own, min(len(own), 14), replace=False)
    inter += [(u, t) for t in liked]
inter = np.array(inter); rs.shuffle(inter)
last = {}
for k, (u, _) in enumerate(inter):
    last[u] = k
test_idx = np.array(sorted(last.values()))              # leave one out
train = np.delete(inter, test_idx, axis=0)
test = inter[test_idx]
seen = torch.zeros(USERS, TAGS, dtype=torch.bool)
seen[train[:, 0], train[:, 1]] = True

U = nn.Embedding(USERS, 16, sparse=True)
T = nn.Embedding(TAGS, 16, sparse=True)
for e in (U, T):
    nn.init.normal_(e.weight, std=0.1)
optimizer = torch.optim.SparseAdam(list(U.parameters()) + list(T.parameters()), lr=0.01)


def evaluate(k=20):
    with torch.no_grad():
        s = U.weight @ T.weight.T
        s[seen] = -1e9
        top = s[torch.tensor(test[:, 0])].topk(k).indices
        return (top == torch.tensor(test[:, 1])[:, None]).any(1).float().mean().item()


print(f"random hit@20 is about {20 / (TAGS - 13):.2f}, untrained {evaluate():.3f}")
for epoch in range(10):
    total, auc = 0.0, 0.0
    perm = rs.permutation(len(train))
    chunks = np.array_split(perm, 40)
    for c in chunks:
        u = torch.tensor(train[c, 0]); pos = torch.tensor(train[c, 1])
        neg = torch.randint(TAGS, (len(c),))
        bad = seen[u, neg]
        while bad.any():                                # draw again what the user does like
            neg[bad] = torch.randint(TAGS, (int(bad.sum()),))
            bad = seen[u, neg]
        diff = (U(u) * (T(pos) - T(neg))).sum(1)
        loss = -F.logsigmoid(diff).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item(); auc += (diff > 0).float().mean().item()
    if epoch % 2:
        print(f"epoch {epoch + 1:2d} bpr {total / 40:.4f} batch auc {auc / 40:.3f} hit@20 {evaluate():.3f}")
