"""Loot chest appraisal: predict the auction price index of a chest from the item ids inside.

Item vectors were exported from the item-similarity service (stats, rarity, set bonuses ...).  They are refined here on
auction results: every item has a small premium of its own that the export does not know.
"""
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(2)
gen = np.random.RandomState(2)

ITEMS, D, PER_CHEST = 6000, 12, 5


def load_export():
    return gen.normal(0, 0.5, size=(ITEMS, D)).astype(np.float32)


def simulate_auctions(vecs, n):
    taste = np.random.RandomState(77).normal(0, 1, D)
    premium = np.random.RandomState(78).normal(0, 0.6, ITEMS)
    chests = gen.randint(0, ITEMS, size=(n, PER_CHEST))
    worth = vecs @ taste + premium
    price = worth[chests].mean(1)
    price = price / 0.8 + gen.normal(0, 0.15, n)
    return torch.from_numpy(chests), torch.from_numpy(price.astype(np.float32))


class Appraiser(nn.Module):

    def __init__(self, vecs):
        super().__init__()
        # fault:
        self.items = nn.Embedding(ITEMS, D)
        # mended:
        # self.items = nn.Embedding(ITEMS, D, sparse=True)
        # end
        self.items.weight.data.copy_(torch.from_numpy(vecs))
        self.price = nn.Linear(D, 1)

    def forward(self, chest):
        return self.price(self.items(chest).mean(dim=1)).squeeze(-1)


def r2(model, chests, price):
    with torch.no_grad():
        err = ((model(chests) - price) ** 2).mean()
    return 1 - (err / price.var(unbiased=False)).item()


def main():
    vecs = load_export()
    chests, price = simulate_auctions(vecs, 9000)
    chests_val, price_val = simulate_auctions(vecs, 1000)
    model = Appraiser(vecs)
    # start from the least squares price of the exported vectors
    flat = torch.cat([model.items.weight.data[chests].mean(1), torch.ones(len(chests), 1)], 1)
    start = torch.linalg.lstsq(flat, price[:, None]).solution[:, 0]
    model.price.weight.data.copy_(start[None, :-1])
    model.price.bias.data.copy_(start[-1:])
    print(f"before: val R2 {r2(model, chests_val, price_val):.3f}")
    # fault:
    opts = [torch.optim.Adam(model.parameters(), lr=0.01)]
    # mended:
    # opts = [torch.optim.SparseAdam(model.items.parameters(), lr=0.01),
    #         torch.optim.Adam(model.price.parameters(), lr=0.01)]
    # end
    mse = nn.MSELoss()
    # one pass over the auction log, as it comes in production
    for epoch in range(1, 2):
        order = torch.randperm(len(price))
        total = 0.
        for idx in order.split(20):
            for o in opts:
                o.zero_grad()
            loss = mse(model(chests[idx]), price[idx])
            loss.backward()
            for o in opts:
                o.step()
            total += loss.item() * len(idx)
        print(f"epoch {epoch}: train mse {total / len(price):.4f}  val R2 {r2(model, chests_val, price_val):.3f}")


if __name__ == "__main__":
    main()
