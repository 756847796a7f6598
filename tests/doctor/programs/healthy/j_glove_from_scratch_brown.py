# Assignment 2, part (c): train GloVe on the Brown corpus.
#   J = sum_ij f(X_ij) (w_i . c_j + b_i + d_j - log X_ij)^2
# We hold out 10 % of the non-zero cells to see whether the factorisation generalises.
import gzip, os, re
from collections import Counter
import numpy as np
import torch
from torch import nn

np.random.seed(3)
torch.manual_seed(3)
V, WINDOW, DIM, X_MAX, ALPHA = 400, 5, 6, 30, 0.75

corpus = []
with gzip.open(os.environ["WORDFIT_DATA"] + "/corpora/brown.txt.gz", "rt", encoding="utf8") as f:
    for n, line in enumerate(f):
        if n == 20000:
            break
        corpus += re.findall(r"[a-z]+|\.", line.lower())
vocab = [w for w, _ in Counter(corpus).most_common(V)]
index = {w: i for i, w in enumerate(vocab)}
ids = np.array([index.get(w, -1) for w in corpus])

X = np.zeros((V, V))
for d in range(1, WINDOW + 1):
    a, b = ids[:-d], ids[d:]
    ok = (a >= 0) & (b >= 0)
    np.add.at(X, (a[ok], b[ok]), 1 / d)
X = X + X.T
i, j = np.nonzero(np.triu(X) >= 1.0)           # symmetric: one triangle is enough
x = X[i, j]
print(f"{len(corpus)} tokens, {len(x)} cells")

perm = np.random.permutation(len(x))
cut = len(x) // 10
T = lambda a, t: torch.tensor(a, dtype=t)
I, J = T(i[perm], torch.long), T(j[perm], torch.long)
logx = T(np.log(x[perm]), torch.float32)
weight = T(np.minimum(1, (x[perm] / X_MAX) ** ALPHA), torch.float32)
test, train = slice(0, cut), slice(cut, None)


class GloVe(nn.Module):
    def __init__(self):
        super().__init__()
        self.w, self.b = nn.Embedding(V, DIM), nn.Embedding(V, 1)
        self.mu = nn.Parameter(torch.zeros(()))
        nn.init.normal_(self.w.weight, std=0.3)
        nn.init.zeros_(self.b.weight)
        self.sign = nn.Parameter(torch.ones(DIM))   # X is symmetric, so one table and a diagonal form suffice

    def forward(self, i, j):
        return (self.w(i) * self.w(j) * self.sign).sum(1) + (self.b(i) + self.b(j)).squeeze(1) + self.mu


model = GloVe()
optimizer = torch.optim.Adam(model.parameters(), lr=0.04)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.65)
Itr, Jtr, Ltr, Wtr = I[train], J[train], logx[train], weight[train]


def r2(s):
    with torch.no_grad():
        p, t, w = model(I[s], J[s]), logx[s], weight[s]
        mean = (w * t).sum() / w.sum()
        return 1 - ((w * (p - t) ** 2).sum() / (w * (t - mean) ** 2).sum()).item()


for epoch in range(8):
    order = torch.randperm(len(Ltr))
    tot = 0.0
    for k in order.split(512):
        diff = model(Itr[k], Jtr[k]) - Ltr[k]
        loss = (Wtr[k] * diff ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        tot += loss.item() * len(k)
    scheduler.step()
    print(f"epoch {epoch + 1}: J = {tot / len(Ltr):.4f}   R2 train {r2(train):.4f}   R2 held-out cells {r2(test):.4f}")

W = nn.functional.normalize(model.w.weight.detach(), dim=1)
for q in ("he", "two", "new", "can", "in"):
    print(q, "->", [vocab[k] for k in (W @ W[index[q]]).topk(6).indices[1:].tolist()])
