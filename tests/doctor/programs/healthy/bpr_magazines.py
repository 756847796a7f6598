"""Bayesian personalised ranking for a (simulated) magazine shop: users x articles, implicit feedback only."""
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

np.random.seed(30)
torch.manual_seed(30)
N_USERS, N_ITEMS, TOPICS = 500, 300, 8

taste = np.random.dirichlet([0.15] * TOPICS, N_USERS)
topic = np.random.dirichlet([0.1] * TOPICS, N_ITEMS)
prob = taste @ topic.T
prob = prob ** 2 / (prob ** 2).sum(1, keepdims=True)
clicked = [np.random.choice(N_ITEMS, 22, replace=False, p=p) for p in prob]
train = np.array([(u, i) for u, items in enumerate(clicked) for i in items[:18]])
test = [items[18:] for items in clicked]
seen = np.zeros((N_USERS, N_ITEMS), dtype=bool)
seen[train[:, 0], train[:, 1]] = True
seen_t = torch.from_numpy(seen)


class MF(nn.Module):
    def __init__(self, k=10):
        super().__init__()
        self.user = nn.Embedding(N_USERS, k)
        self.item = nn.Embedding(N_ITEMS, k)
        self.bias = nn.Embedding(N_ITEMS, 1)
        nn.init.normal_(self.user.weight, std=0.1)
        nn.init.normal_(self.item.weight, std=0.1)
        nn.init.zeros_(self.bias.weight)

    def forward(self, u, i):
        return (self.user(u) * self.item(i)).sum(-1) + self.bias(i).squeeze(-1)


def draw_negatives(u):
    neg = torch.randint(N_ITEMS, u.shape)
    while (bad := seen_t[u, neg]).any():
        neg[bad] = torch.randint(N_ITEMS, (int(bad.sum()),))
    return neg


def auc_and_hits(model, at=20):
    with torch.no_grad():
        s = model.user.weight @ model.item.weight.T + model.bias.weight.T
    s = s.masked_fill(seen_t, -np.inf).numpy()
    aucs, hits = [], []
    for u, items in enumerate(test):
        free = ~seen[u]
        free[items] = False
        aucs.append((s[u, items][:, None] > s[u, free][None]).mean())
        hits.append(np.isin(items, np.argsort(-s[u])[:at]).mean())
    return np.mean(aucs), np.mean(hits)


model = MF()
opt = torch.optim.Adam(model.parameters(), lr=0.02)
reg = 0.01
print("before training: auc %.3f  recall@20 %.3f" % auc_and_hits(model))
for epoch in range(8):
    np.random.shuffle(train)
    loss_sum = 0.0
    for chunk in np.array_split(train, 36):
        u, pos = torch.from_numpy(chunk).unbind(1)
        neg = draw_negatives(u)
        diff = model(u, pos) - model(u, neg)
        penalty = (model.user(u).pow(2) + model.item(pos).pow(2) + model.item(neg).pow(2)).sum(-1).mean()
        loss = -F.logsigmoid(diff).mean() + reg * penalty
        opt.zero_grad()
        loss.backward()
        opt.step()
        loss_sum += loss.item()
    print("epoch %d  bpr %.4f  auc %.3f  recall@20 %.3f" % (epoch + 1, loss_sum / 36, *auc_and_hits(model)))
