# Bayesian personalised ranking on implicit feedback (who borrowed which book), MF variant.
import torch, torch.nn.functional as F
from torch import nn
import numpy as np

rng = np.random.default_rng(4)
torch.manual_seed(4)

n_users, n_items, k_true = 400, 150, 4

# simulated library loans: users like genres, books belong to genres
taste = rng.dirichlet(np.full(k_true, 0.3), n_users)
genre = rng.dirichlet(np.full(k_true, 0.2), n_items)
score = taste @ genre.T
loans = {}
for u in range(n_users):
    p = score[u] ** 3
    loans[u] = rng.choice(n_items, size=20, replace=False, p=p / p.sum())

train_pairs, test_pairs = [], []
for u, items in loans.items():
    for i in items[:16]:
        train_pairs.append((u, i))
    for i in items[16:]:
        test_pairs.append((u, i))
train_pairs = np.array(train_pairs)
test_pairs = np.array(test_pairs)
borrowed = np.zeros((n_users, n_items), dtype=bool)
for u, items in loans.items():
    borrowed[u, items] = True


class MF(nn.Module):
    def __init__(self, n_users, n_items, dim=12):
        super().__init__()
        self.P = nn.Embedding(n_users, dim)
        self.Q = nn.Embedding(n_items, dim)
        nn.init.normal_(self.P.weight, std=0.1)
        nn.init.normal_(self.Q.weight, std=0.1)

    def forward(self, u, i):
        return (self.P(u) * self.Q(i)).sum(-1)


def bpr(pos, neg):
    # the borrowed book should outrank the one drawn at random
    # fault:
    return F.logsigmoid(pos - neg).mean()
    # mended:
    # return -F.logsigmoid(pos - neg).mean()
    # end


def draw_negatives(users):
    neg = rng.integers(0, n_items, len(users))
    bad = borrowed[users, neg]
    while bad.any():
        neg[bad] = rng.integers(0, n_items, bad.sum())
        bad = borrowed[users, neg]
    return neg


def auc(net, pairs):
    net.eval()
    with torch.no_grad():
        S = (net.P.weight @ net.Q.weight.T).numpy()
    hits = []
    for u, i in pairs:
        others = S[u][~borrowed[u]]
        hits.append((S[u, i] > others).mean())
    return float(np.mean(hits))


net = MF(n_users, n_items)
opt = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.05)
print("before training: auc %.3f" % auc(net, test_pairs))
for ep in range(1, 9):
    net.train()
    perm = rng.permutation(len(train_pairs))
    running = []
    for start in range(0, len(perm), 128):
        batch = train_pairs[perm[start:start + 128]]
        neg = draw_negatives(batch[:, 0])
        u = torch.as_tensor(batch[:, 0]); i = torch.as_tensor(batch[:, 1]); j = torch.as_tensor(neg)
        loss = bpr(net(u, i), net(u, j))
        opt.zero_grad()
        loss.backward()
        opt.step()
        running.append(loss.item())
    if ep % 2 == 0:
        print("epoch %2d  loss %.4f  auc train %.3f  test %.3f" % (ep, np.mean(running), auc(net, train_pairs[::4]), auc(net, test_pairs)))
