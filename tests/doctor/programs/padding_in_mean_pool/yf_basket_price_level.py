# Price level of a shopping basket (mean price per item) from the list of items on the receipt.
import torch, torch.nn as nn
import numpy as np

np.random.seed(9); torch.manual_seed(9)
kinds = ["milk", "bread", "wine", "cheese", "apples", "soap", "coffee", "rice", "steak", "tea", "honey", "salmon", "pasta", "nuts", "oil", "eggs", "jam", "salt", "beer", "soup"]
sorts = ["plain", "organic", "premium", "budget", "large", "small", "imported", "fresh"]
base = np.random.uniform(.5, 6, len(kinds)); factor = np.random.uniform(.6, 1.9, len(sorts))
catalogue = [(f"{s}_{k}", base[i] * factor[j]) for i, k in enumerate(kinds) for j, s in enumerate(sorts)]
vocab = {name: n + 1 for n, (name, _) in enumerate(catalogue)}
price = np.array([0.] + [p for _, p in catalogue])

def receipt():
    n = min(40, 1 + np.random.geometric(.12))
    taste = np.random.uniform(-.5, .5)                       # some people buy dear things
    w = np.exp(taste * price[1:]); w /= w.sum()
    items = 1 + np.random.choice(len(catalogue), n, p=w)
    return items, price[items].mean() + np.random.normal(0, .08)

rows = [receipt() for _ in range(3400)]
L = max(len(i) for i, _ in rows)
X = np.zeros((len(rows), L), dtype=np.int64)
for r, (items, _) in enumerate(rows): X[r, :len(items)] = items
y = np.array([v for _, v in rows], dtype=np.float32)
seen, keep_test = {tuple(sorted(i)) for i, _ in rows[:2600]}, []
for r in range(2600, 3400):
    if tuple(sorted(rows[r][0])) not in seen: keep_test.append(r)
m, s = y[:2600].mean(), y[:2600].std()
X = torch.from_numpy(X); y = torch.from_numpy((y - m) / s)
Xtr, ytr, Xte, yte = X[:2600], y[:2600], X[keep_test], y[keep_test]
print("longest receipt", L, "items; mean length %.1f" % (X > 0).sum(1).float().mean())

class PriceLevel(nn.Module):
    def __init__(self, n, d=8):
        super().__init__()
        self.items = nn.Embedding(n, d, padding_idx=0)
        self.out = nn.Linear(d, 1)
    def forward(self, x):
        e = self.items(x)
        # fault:
        pooled = e.mean(dim=1)
        # mended:
        # pooled = e.sum(dim=1) / (x != 0).sum(dim=1, keepdim=True)
        # end
        return self.out(pooled).squeeze(1)

model = PriceLevel(len(vocab) + 1)
opt = torch.optim.Adam(model.parameters(), lr=.02)
E = 6
sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, E)
mse = nn.MSELoss()
for ep in range(E):
    model.train(); tot = 0
    for ix in torch.randperm(len(Xtr)).split(50):
        loss = mse(model(Xtr[ix]), ytr[ix])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(ix)
    sch.step(); model.eval()
    with torch.no_grad(): p = model(Xte)
    r2 = 1 - ((p - yte) ** 2).mean() / yte.var()
    print("epoch %d  train mse %.4f  test mse %.4f  R2 %.4f  mean error %.2f EUR" % (ep + 1, tot / len(Xtr), mse(p, yte), r2, (p - yte).abs().mean() * s))
