"""
Bayesian personalised ranking on implicit feedback, sparse gradients, negatives drawn per step.
Simulated listening log: users and artists have a hidden genre mix. No side information, no padding, no logits.
"""
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(21)
torch.manual_seed(21)

USERS, ITEMS, GENRES = 300, 200, 5
taste = rng.dirichlet(np.full(GENRES, 0.15), USERS)
genre = rng.dirichlet(np.full(GENRES, 0.15), ITEMS)
fame = rng.lognormal(0, 0.5, ITEMS)
p = (taste @ genre.T) ** 2 * fame
p /= p.sum(1, keepdims=True)

plays, held = [], []
for u in range(USERS):
    items = rng.choice(ITEMS, size=32, replace=False, p=p[u])
    plays += [(u, i) for i in items[:-2]]
    held += [(u, i) for i in items[-2:]]
plays, held = np.array(plays), np.array(held)
liked = np.zeros((USERS, ITEMS), dtype=bool)
liked[plays[:, 0], plays[:, 1]] = True
print(f"{len(plays)} plays for training, {len(held)} held out")


class BPR(nn.Module):
    def __init__(self, k=5):
        super().__init__()
        self.user = nn.Embedding(USERS, k, sparse=True)
        self.item = nn.Embedding(ITEMS, k, sparse=True)
        self.bias = nn.Embedding(ITEMS, 1, sparse=True)
        for e in (self.user, self.item):
            nn.init.normal_(e.weight, std=0.1)
        nn.init.zeros_(self.bias.weight)

    def score(self, u, i):
        return (self.user(u) * self.item(i)).sum(-1) + self.bias(i).squeeze(-1)

    def penalty(self, u, *items):
        reg = self.user(u).pow(2).sum(-1).mean()
        for i in items:
            reg = reg + self.item(i).pow(2).sum(-1).mean()
        return reg


def auc():
    """chance that a held-out play is ranked above an artist the user never played"""
    with torch.no_grad():
        s = (model.user.weight @ model.item.weight.T + model.bias.weight.T).numpy()
    never = ~liked
    never[held[:, 0], held[:, 1]] = False

    def mean_auc(pairs):
        return float(np.mean([(s[u, i] > s[u, never[u]]).mean() for u, i in pairs]))
    return mean_auc(plays[::10]), mean_auc(held)


model = BPR()
opt = torch.optim.SparseAdam(list(model.parameters()), lr=0.02)
for epoch in range(10):
    if epoch == 7:
        for group in opt.param_groups:
            group["lr"] = 0.005
    order = rng.permutation(len(plays))
    total = 0.0
    for start in range(0, len(order), 250):
        batch = plays[order[start:start + 250]]
        neg = rng.integers(0, ITEMS, len(batch))
        clash = liked[batch[:, 0], neg]
        while clash.any():
            neg[clash] = rng.integers(0, ITEMS, clash.sum())
            clash = liked[batch[:, 0], neg]
        u, i, j = torch.from_numpy(batch[:, 0]), torch.from_numpy(batch[:, 1]), torch.from_numpy(neg)
        loss = -nn.functional.logsigmoid(model.score(u, i) - model.score(u, j)).mean() + 0.03 * model.penalty(u, i, j)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(batch)
    a, b = auc()
    print(f"epoch {epoch:2d}  bpr {total / len(plays):.4f}  AUC seen {a:.3f}  AUC held out {b:.3f}")
