"""How healthy is a shopping basket? Part 2 of the grocery series: baskets as sets of item ids.

Each product has a nutrition score that the model never sees; all it gets is the average over the basket, as the
nutritionist wrote it down (rounded to a tenth, so not perfectly).
"""
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset, random_split

GENERATOR = np.random.default_rng(44)
torch.manual_seed(44)

N_PRODUCTS = 250
MAX_ITEMS = 36
PAD = 0


class Baskets(Dataset):
    """Baskets of 2 to 36 products; product ids begin at 1."""

    def __init__(self, n):
        nutrition = GENERATOR.uniform(0, 10, size=N_PRODUCTS + 1)
        order = np.argsort(nutrition[1:])
        self.baskets, self.scores, known = [], [], set()
        while len(self.baskets) < n:
            size = int(np.clip(GENERATOR.geometric(0.11) + 1, 2, MAX_ITEMS))
            if GENERATOR.random() < 0.5:
                items = GENERATOR.choice(N_PRODUCTS, size=size)
            else:
                start = GENERATOR.integers(0, N_PRODUCTS - 100)
                items = order[GENERATOR.integers(start, start + 100, size=size)]
            items = items + 1
            key = tuple(sorted(items.tolist()))
            if key in known:
                continue
            known.add(key)
            self.baskets.append(torch.as_tensor(items))
            self.scores.append(round(float(nutrition[items].mean()), 1))

    def __len__(self):
        return len(self.baskets)

    def __getitem__(self, i):
        return self.baskets[i], self.scores[i]


def collate(rows):
    ids = torch.full((len(rows), MAX_ITEMS), PAD)
    for r, (items, _) in enumerate(rows):
        ids[r, :len(items)] = items
    return ids, torch.tensor([score for _, score in rows], dtype=torch.float32)


class BasketModel(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.products = nn.Embedding(N_PRODUCTS + 1, dim, padding_idx=PAD)
        self.head = nn.Linear(dim, 1)

    def forward(self, ids):
        vectors = self.products(ids)
        # fault:
        basket = vectors.mean(dim=1)
        # mended:
        #present = (ids != PAD).unsqueeze(-1).float()
        #basket = (vectors * present).sum(dim=1) / present.sum(dim=1).clamp(min=1.0)
        # end
        return self.head(basket).squeeze(-1)


def r_squared(model, loader):
    model.eval()
    guesses, golds = [], []
    with torch.no_grad():
        for ids, score in loader:
            guesses.append(model(ids))
            golds.append(score)
    guess, gold = torch.cat(guesses), torch.cat(golds)
    return (1 - ((guess - gold) ** 2).mean() / gold.var(unbiased=False)).item()


data = Baskets(5000)
train_set, valid_set = random_split(data, [4200, 800], generator=torch.Generator().manual_seed(0))
train_loader = DataLoader(train_set, batch_size=64, shuffle=True, collate_fn=collate)
valid_loader = DataLoader(valid_set, batch_size=400, collate_fn=collate)

model = BasketModel()
with torch.no_grad():
    model.head.bias.fill_(float(np.mean([data.scores[i] for i in train_set.indices])))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
loss_fn = nn.MSELoss()

for epoch in range(1, 10):
    model.train()
    total = 0.0
    for ids, score in train_loader:
        loss = loss_fn(model(ids), score)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(score)
    print(f"epoch {epoch:2d}  mse {total / len(train_set):.3f}  R2 train {r_squared(model, train_loader):.3f}  valid {r_squared(model, valid_loader):.3f}")
