"""Implicit-feedback recommender: BPR with sparse embeddings, SparseAdam for the tables, user taste made of genres."""
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

rs = np.random.RandomState(21)
torch.manual_seed(21)
USERS, ITEMS, GENRES = 300, 200, 6
taste = rs.dirichlet(np.ones(GENRES) * .25, USERS)
genre = rs.randint(0, GENRES, ITEMS)
pop = rs.gamma(3., 1., ITEMS)

train_pairs, held = [], []
liked = [set() for _ in range(USERS)]
for u in range(USERS):
    w = taste[u][genre] * pop
    items = rs.choice(ITEMS, 26, replace=False, p=(w + 1e-4) / (w + 1e-4).sum())
    rs.shuffle(items)
    liked[u] = set(items.tolist())
    train_pairs += [(u, i) for i in items[:20]]
    held.append(items[20:])
train_pairs = np.array(train_pairs)


class BPR(nn.Module):
    def __init__(self, k=8):
        super().__init__()
        self.user = nn.Embedding(USERS, k, sparse=True)
        self.item = nn.Embedding(ITEMS, k, sparse=True)
        self.bias = nn.Embedding(ITEMS, 1, sparse=True)
        for t in (self.user, self.item):
            nn.init.normal_(t.weight, std=.1)
        nn.init.zeros_(self.bias.weight)

    def forward(self, u, i):
        return (self.user(u) * self.item(i)).sum(-1) + self.bias(i).squeeze(-1)

    def penalty(self, u, i, j):
        return (self.user(u).pow(2).sum() + self.item(i).pow(2).sum() + self.item(j).pow(2).sum()) / len(u)


def negatives(us):
    out = rs.randint(0, ITEMS, len(us))
    for k, u in enumerate(us):
        while out[k] in liked_train[u]:
            out[k] = rs.randint(ITEMS)
    return out


liked_train = [set() for _ in range(USERS)]
for u, i in train_pairs:
    liked_train[u].add(i)
model = BPR()
optim = torch.optim.SparseAdam(list(model.parameters()), lr=.01)


def auc(which):
    with torch.no_grad():
        S = model.user.weight @ model.item.weight.T + model.bias.weight.T
    scores = []
    for u in range(USERS):
        pos = list(liked_train[u]) if which == "train" else held[u]
        neg = [i for i in range(ITEMS) if i not in liked[u]]
        scores.append((S[u, pos][:, None] > S[u, neg][None]).float().mean().item())
    return float(np.mean(scores))


print("before: AUC %.3f" % auc("held"))
for epoch in range(9):
    if epoch >= 5:
        for grp in optim.param_groups:
            grp["lr"] *= .5
    perm = rs.permutation(len(train_pairs))
    losses = []
    for k in range(0, len(perm), 100):
        b = train_pairs[perm[k:k + 100]]
        u, i, j = torch.as_tensor(b[:, 0]), torch.as_tensor(b[:, 1]), torch.as_tensor(negatives(b[:, 0]))
        loss = -F.logsigmoid(model(u, i) - model(u, j)).mean() + .02 * model.penalty(u, i, j)
        optim.zero_grad()
        loss.backward()
        optim.step()
        losses.append(loss.item())
    print(f"epoch {epoch + 1}: bpr {np.mean(losses):.4f}  held-out AUC {auc('held'):.3f}")
print("train AUC %.3f" % auc("train"))
