"""3-fold cross validation of a cuisine classifier. The network is set back before each fold."""
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset, Subset

SEED = 77
np.random.seed(SEED)
torch.manual_seed(SEED)

BASE = ["salt", "oil", "onion", "garlic", "water", "pepper", "sugar", "butter", "egg", "flour", "rice", "chicken"]
CUISINE = {
    "thai": ["fish_sauce", "lemongrass", "galangal", "lime", "chili", "basil", "coconut", "peanut"],
    "mexican": ["tortilla", "cumin", "chili", "lime", "avocado", "corn", "cilantro", "bean"],
    "italian": ["basil", "parmesan", "tomato", "olive", "oregano", "pasta", "mozzarella", "bean"],
    "french": ["cream", "shallot", "thyme", "wine", "tarragon", "mustard", "leek", "olive"],
}
ALL = ["<pad>"] + sorted(set(BASE) | {i for v in CUISINE.values() for i in v})
IDX = {w: i for i, w in enumerate(ALL)}
N, LEN, FOLDS = 1500, 12, 3


def build():
    X, y = np.zeros((N, LEN), dtype=np.int64), np.random.randint(0, 4, N)
    for r in range(N):
        own = list(CUISINE.values())[y[r]]
        items = list(np.random.choice(BASE, np.random.randint(3, 7), replace=False))
        items += list(np.random.choice(own, np.random.randint(2, 4), replace=False))
        items += [np.random.choice(ALL[1:]) for _ in range(np.random.randint(0, 3))]
        np.random.shuffle(items)
        X[r, :len(items)] = [IDX[i] for i in items]
    return TensorDataset(torch.from_numpy(X), torch.from_numpy(y))


class Cuisine(nn.Module):
    def __init__(self, vocab, dim=16, hidden=24, classes=4):
        super().__init__()
        self.cfg = (vocab, dim, hidden, classes)
        self.reset()

    def reset(self):
        vocab, dim, hidden, classes = self.cfg
        self.emb = nn.Embedding(vocab, dim, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(dim, hidden), nn.ReLU(), nn.Dropout(0.1), nn.Linear(hidden, classes))

    def forward(self, x):
        return self.mlp(self.emb(x).sum(1) / (x != 0).sum(1, keepdim=True) ** 0.5)


def run_epoch(model, loader, criterion, optimizer=None):
    model.train(optimizer is not None)
    loss_sum = hits = n = 0
    with torch.set_grad_enabled(optimizer is not None):
        for x, y in loader:
            out = model(x)
            loss = criterion(out, y)
            if optimizer is not None:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            loss_sum += loss.item() * len(y)
            hits += (out.argmax(1) == y).sum().item()
            n += len(y)
    return loss_sum / n, hits / n


data = build()
folds = np.array_split(np.random.permutation(N), FOLDS)
model = Cuisine(len(ALL))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
scores = []
for k in range(FOLDS):
    train_idx = np.concatenate([f for j, f in enumerate(folds) if j != k])
    train_loader = DataLoader(Subset(data, train_idx.tolist()), batch_size=40, shuffle=True)
    valid_loader = DataLoader(Subset(data, folds[k].tolist()), batch_size=250)
    # fault:
    model.reset()
    # mended:
    # model.reset()
    # optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    # end
    for epoch in range(5):
        tl, ta = run_epoch(model, train_loader, criterion, optimizer)
    vl, va = run_epoch(model, valid_loader, criterion)
    scores.append(va)
    print(f"fold {k + 1}: train loss {tl:.3f} acc {ta:.3f} | valid loss {vl:.3f} acc {va:.3f}")
print(f"mean accuracy {np.mean(scores):.3f} +- {np.std(scores):.3f}")
