"""Three folds: every fold starts from a fresh copy of the first model; one optimizer was made at the top."""
import copy
import random

import torch
from torch import nn

random.seed(67)
torch.manual_seed(67)
K, V = 4, 60


def row():
    k = random.randrange(K)
    return [random.randrange(k * 8, k * 8 + 8) for _ in range(2)] + [random.randrange(32, V) for _ in range(5)], k


rows = [row() for _ in range(1500)]
X, Y = torch.tensor([r for r, _ in rows]), torch.tensor([k for _, k in rows])
base = nn.Sequential(nn.EmbeddingBag(V, 16), nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, K))
optimizer = torch.optim.Adam(base.parameters(), lr=0.01)
folds = torch.arange(1500).chunk(3)
for n, held in enumerate(folds):
    model = copy.deepcopy(base)
    # fault:
    # mended:
    # optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    # end
    train = torch.cat([f for m, f in enumerate(folds) if m != n])
    for epoch in range(5):
        for i in train[torch.randperm(len(train))].split(25):
            loss = nn.functional.cross_entropy(model(X[i]), Y[i])
            model.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        print("fold", n, "accuracy", (model(X[held]).argmax(1) == Y[held]).float().mean().item())
