"""Item2vec for lunch menus: skip-gram with negative sampling, sparse gradients and SparseAdam.

Dishes of the same cuisine are ordered together. The vectors are judged by whether they find
the dish taken out of a kept-back order, and by whether a dish's nearest neighbour is of its own cuisine.
"""
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(50)
rng = np.random.default_rng(50)

CUISINES = ["thai", "italian", "mexican", "indian", "greek", "korean", "french", "ethiopian"]
DISHES = [f"{c}_{k}" for c in CUISINES for k in range(30)] + [f"drink_{k}" for k in range(10)]
N = len(DISHES)
POPULARITY = rng.zipf(2.2, size=N).clip(max=12).astype(float)


def orders(n):
    baskets = []
    for _ in range(n):
        cuisine = rng.integers(len(CUISINES))
        own = np.arange(30) + 30 * cuisine
        size = rng.integers(3, 6)
        dishes = rng.choice(own, size=size, replace=False, p=POPULARITY[own] / POPULARITY[own].sum()).tolist()
        if rng.random() < 0.4:
            dishes.append(int(rng.integers(N - 10, N)))
        baskets.append(tuple(sorted(set(dishes))))
    return baskets


everything = sorted(set(orders(3600)))
rng.shuffle(everything)
everything = [tuple(int(d) for d in b) for b in everything]
train_orders, kept_back = everything[:-500], everything[-500:]


def pairs(baskets):
    return torch.tensor([(a, b) for basket in baskets for a in basket for b in basket if a != b])


train_pairs = pairs(train_orders)
print(f"{len(train_orders)} orders, {len(train_pairs)} pairs, {N} dishes")


class SkipGram(nn.Module):
    def __init__(self, n, dim=20):
        super().__init__()
        self.centre = nn.Embedding(n, dim, sparse=True)
        self.context = nn.Embedding(n, dim, sparse=True)
        nn.init.uniform_(self.centre.weight, -0.5 / dim, 0.5 / dim)
        nn.init.zeros_(self.context.weight)

    def score(self, a, b):
        return (self.centre(a).unsqueeze(1) * self.context(b)).sum(-1)

    def forward(self, a, b, noise):
        positive = F.logsigmoid(self.score(a, b.unsqueeze(1))).squeeze(1)
        negative = F.logsigmoid(-self.score(a, noise)).sum(1)
        return -(positive + negative).mean()


frequency = torch.bincount(train_pairs[:, 1], minlength=N).float() ** 0.75
model = SkipGram(N)
optimizer = torch.optim.SparseAdam(model.parameters(), lr=5e-3)


@torch.no_grad()
def completion(baskets, top=20):
    """How often a dish taken out of an order is among the first guesses made from the rest of it."""
    hits = total = 0
    for basket in baskets:
        ids = torch.tensor(basket)
        scores = model.centre(ids) @ model.context.weight.T
        for k in range(len(basket)):
            rest = scores[[j for j in range(len(basket)) if j != k]].sum(0)
            rest[ids[ids != ids[k]]] = -1e9
            hits += int((rest > rest[ids[k]]).sum().item() < top)
            total += 1
    return hits / total


for epoch in range(5):
    model.train()
    losses = []
    for index in torch.randperm(len(train_pairs)).split(256):
        a, b = train_pairs[index].unbind(1)
        noise = torch.multinomial(frequency, len(index) * 5, replacement=True).view(-1, 5)
        loss = model(a, b, noise)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}  missing dish in top 20: train {completion(train_orders[:300]):.3f} kept back {completion(kept_back[:300]):.3f}")

vectors = F.normalize(model.centre.weight.detach()[:N - 10], dim=-1)
similarity = vectors @ vectors.T
similarity.fill_diagonal_(-1)
group = torch.arange(N - 10) // 30
pure = (group[similarity.argmax(1)] == group).float().mean().item()
print(f"nearest neighbour of the same cuisine: {pure:.3f} (chance {29 / (N - 11):.3f})")
