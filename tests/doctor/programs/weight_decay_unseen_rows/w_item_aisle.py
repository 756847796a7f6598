"""Assign shop items to aisles from baskets.

Step 1: item vectors from the co-purchase matrix (SVD of PPMI) over all baskets, no labels needed.
Step 2: fine-tune on the carts of pickers who noted the aisle; those carts hold part of the assortment.
Step 3: score on carts with items that the noted carts don't have.
"""
import numpy as np
import torch
import torch.nn as nn

rng = np.random.RandomState(101)
torch.manual_seed(101)
N_AISLE, PER_AISLE, DIM = 8, 60, 24
N_ITEMS = N_AISLE * PER_AISLE
aisle_of = rng.permutation(np.repeat(np.arange(N_AISLE), PER_AISLE))
items_in = [np.where(aisle_of == a)[0] for a in range(N_AISLE)]


def basket(pools, size, purity, others=None):
    a = rng.randint(N_AISLE)
    own = rng.choice(pools[a], size)
    other = rng.choice(np.concatenate(others or pools), size)
    return a, np.where(rng.rand(size) < purity, own, other)


# --- 1. vectors ------------------------------------------------------------
counts = np.zeros((N_ITEMS, N_ITEMS))
for _ in range(6000):
    _, b = basket(items_in, 6, .75)
    counts[np.repeat(b, 6), np.tile(b, 6)] += 1
np.fill_diagonal(counts, 0)
tot = counts.sum()
pmi = np.log(np.maximum(counts * tot / np.outer(counts.sum(0), counts.sum(0)), 1e-9)).clip(0)
u, s, _ = np.linalg.svd(pmi)
item2vec = u[:, :DIM] * np.sqrt(s[:DIM])
item2vec /= item2vec.std()
item2vec *= .3

# --- 2. labelled carts -----------------------------------------------------
noted = [p[:36] for p in items_in]
rest = [p[36:] for p in items_in]


def carts(pools, n, size=6):
    y, x = zip(*(basket(pools, size, .7, noted) for _ in range(n)))
    return torch.tensor(np.array(x)), torch.tensor(y)


x_train, y_train = carts(noted, 1600)
x_same, y_same = carts(noted, 500)
x_new, y_new = carts(rest, 500)

emb = nn.EmbeddingBag.from_pretrained(torch.tensor(item2vec, dtype=torch.float32), freeze=False, mode="mean")
clf = nn.Sequential(nn.Linear(DIM, 32), nn.ReLU(), nn.Linear(32, N_AISLE))
# fault:
optimizer = torch.optim.Adam([{"params": emb.parameters(), "lr": 2e-3}, {"params": clf.parameters()}],
                             lr=5e-3, weight_decay=1e-3)
# mended:
# optimizer = torch.optim.Adam([{"params": emb.parameters(), "lr": 2e-3, "weight_decay": 0.0}, {"params": clf.parameters()}],
#                              lr=5e-3, weight_decay=1e-3)
# end
loss_fn = nn.CrossEntropyLoss()


@torch.no_grad()
def accuracy(x, y):
    return (clf(emb(x)).argmax(1) == y).float().mean().item()


print("before: new items %.3f" % accuracy(x_new, y_new))
for epoch in range(5):
    perm = torch.randperm(len(x_train))
    mean_loss = 0
    for i in range(0, len(perm), 25):
        j = perm[i:i + 25]
        loss = loss_fn(clf(emb(x_train[j])), y_train[j])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        mean_loss += loss.item() * len(j) / len(perm)
    print("epoch %d loss %.4f noted items %.3f new items %.3f" % (epoch, mean_loss, accuracy(x_same, y_same), accuracy(x_new, y_new)))
