"""Rating prediction for recipes: user factors times the bag of the recipe's ingredients (cold items work too)."""
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(17)
torch.manual_seed(17)

N_USERS, N_INGR, N_REC, K = 150, 60, 400, 3
taste = rng.normal(size=(N_USERS, K))
flavour = rng.normal(size=(N_INGR, K))
mild = rng.normal(size=N_USERS) * 0.4
recipes = [rng.choice(N_INGR, rng.integers(3, 9), replace=False) for _ in range(N_REC)]
profile = np.stack([flavour[r].mean(0) for r in recipes])

pairs = [(u, r) for u in range(N_USERS) for r in rng.choice(N_REC, 60, replace=False)]
rng.shuffle(pairs)
stars = np.array([3 + mild[u] + 1.3 * taste[u] @ profile[r] for u, r in pairs]) + rng.normal(size=len(pairs)) * 0.3
split = int(.85 * len(pairs))


class Recommender(nn.Module):
    def __init__(self, dim=8):
        super().__init__()
        self.users = nn.Embedding(N_USERS, dim, sparse=True)
        self.user_bias = nn.Embedding(N_USERS, 1, sparse=True)
        self.ingredients = nn.EmbeddingBag(N_INGR, dim, mode="mean", sparse=True)
        self.mu = nn.Parameter(torch.tensor(float(stars[:split].mean())))
        nn.init.normal_(self.users.weight, std=0.3)
        nn.init.normal_(self.ingredients.weight, std=0.3)
        nn.init.zeros_(self.user_bias.weight)

    def forward(self, u, flat, offsets):
        return self.mu + self.user_bias(u).squeeze(1) + (self.users(u) * self.ingredients(flat, offsets)).sum(1)


def batch(lo, hi):
    u = torch.tensor([p[0] for p in pairs[lo:hi]])
    bags = [recipes[p[1]] for p in pairs[lo:hi]]
    offsets = torch.tensor(np.cumsum([0] + [len(b) for b in bags[:-1]]))
    return u, torch.tensor(np.concatenate(bags)), offsets, torch.tensor(stars[lo:hi], dtype=torch.float32)


model = Recommender()
# fault:
opt = torch.optim.Adagrad(model.parameters(), lr=0.15, weight_decay=1e-5)
# mended:
# opt = torch.optim.Adagrad(model.parameters(), lr=0.15)
# end


def rmse(lo, hi):
    with torch.no_grad():
        u, f, o, y = batch(lo, hi)
        return (model(u, f, o) - y).pow(2).mean().sqrt().item()


print("spread of the held-out stars: %.3f" % stars[split:].std())
for epoch in range(8):
    sq = 0.0
    for lo in rng.permutation(np.arange(0, split, 90)):
        u, f, o, y = batch(lo, min(lo + 90, split))
        opt.zero_grad()
        loss = (model(u, f, o) - y).pow(2).mean()
        loss.backward()
        opt.step()
        sq += loss.item() * len(y)
    print(f"epoch {epoch}  train rmse {(sq / split) ** .5:.4f}  held-out rmse {rmse(split, len(pairs)):.4f}")
