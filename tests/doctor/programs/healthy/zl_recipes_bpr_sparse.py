"""Implicit-feedback recommender for recipes: BPR, sparse embedding tables.

SparseAdam for the two big tables, plain Adam for the small dense rest (recipe tags -> vector, biases).
"""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(8)
rng = np.random.default_rng(8)
USERS, RECIPES, TAGS = 200, 120, 4

taste = rng.dirichlet(np.full(TAGS, 0.25), USERS)
tag_of = rng.integers(0, TAGS, RECIPES)
fame = rng.gumbel(0, 0.6, RECIPES)
train, test, liked = [], [], []
for user in range(USERS):
    p = np.exp(np.log(taste[user, tag_of] + 1e-3) + fame)
    chosen = rng.choice(RECIPES, 24, replace=False, p=p / p.sum())      # each recipe at most once per user
    rng.shuffle(chosen)                     # drawn best first, so mix before splitting
    train += [(user, r) for r in chosen[:20]]
    test += [(user, r) for r in chosen[20:]]
    liked.append(set(chosen[:20].tolist()))
train = torch.tensor(np.array(train))
test = torch.tensor(np.array(test))
seen = torch.zeros(USERS, RECIPES, dtype=torch.bool)
seen[train[:, 0], train[:, 1]] = True
tags = torch.tensor(tag_of)


class BPR(nn.Module):
    def __init__(self, dim=3):
        super().__init__()
        self.users = nn.Embedding(USERS, dim, sparse=True)
        self.recipes = nn.Embedding(RECIPES, dim, sparse=True)
        for table in (self.users, self.recipes):
            nn.init.normal_(table.weight, std=0.1)
        self.tag_vec = nn.Linear(TAGS, dim, bias=False)
        self.pop = nn.Parameter(torch.zeros(RECIPES))
        self.register_buffer("onehot", F.one_hot(tags, TAGS).float())

    def forward(self, u, r):
        item = self.recipes(r) + self.tag_vec(self.onehot[r])
        return (self.users(u) * item).sum(-1) + self.pop[r]


def unseen_for(u):
    """Uniform recipes that the user has not cooked (training rows only)."""
    r = torch.randint(RECIPES, u.shape)
    clash = seen[u, r]
    while clash.any():
        r[clash] = torch.randint(RECIPES, (int(clash.sum()),))
        clash = seen[u, r]
    return r


@torch.no_grad()
def auc(pairs, rounds=5):
    u = pairs[:, 0].repeat(rounds)
    return (model(u, pairs[:, 1].repeat(rounds)) > model(u, unseen_for(u))).float().mean().item()


@torch.no_grad()
def hit_rate(k=15):
    everything = model(torch.arange(USERS)[:, None].expand(-1, RECIPES), torch.arange(RECIPES).expand(USERS, -1))
    top = everything.masked_fill(seen, -1e9).topk(k).indices
    return (top[test[:, 0]] == test[:, 1:]).any(1).float().mean().item()


model = BPR()
dense = torch.optim.Adam([model.tag_vec.weight, model.pop], lr=1.5e-2)
sparse = torch.optim.SparseAdam([model.users.weight, model.recipes.weight], lr=8e-3)
print(f"start: auc {auc(test):.3f} hit@15 {hit_rate():.3f}")
for epoch in range(8):
    total = 0.0
    for batch in train[torch.randperm(len(train))].split(100):
        u, good = batch[:, 0], batch[:, 1]
        bad = unseen_for(u)
        loss = -F.logsigmoid(model(u, good) - model(u, bad)).mean()
        dense.zero_grad()
        sparse.zero_grad()
        loss.backward()
        dense.step()
        sparse.step()
        total += loss.item() * len(batch)
    for opt in (dense, sparse):
        opt.param_groups[0]["lr"] *= 0.75
    print(f"epoch {epoch + 1}: bpr {total / len(train):.4f} auc train {auc(train):.3f} test {auc(test):.3f} hit@15 {hit_rate():.3f}")
