# rating prediction: two towers of ids, plain sparse tables with biases, SGD with momentum for the dense part
# (grew out of a Kaggle kernel; the two optimisers are on purpose)
import numpy as np
import torch
import torch.nn as nn

CFG = dict(users=260, items=180, genres=8, ratings=22000, k=8, epochs=9, bs=250, lr_tab=0.015, lr_dense=0.01,
           seed=4, l2=0.04)
np.random.seed(CFG["seed"])
torch.manual_seed(CFG["seed"])


def build():
    U, I, G = CFG["users"], CFG["items"], CFG["genres"]
    genre = np.random.randint(0, G, I)
    taste = np.random.randn(U, G) * 0.6
    mood, quality = np.random.randn(U) * 0.4, np.random.randn(I) * 0.5
    cells = np.random.choice(U * I, CFG["ratings"], replace=False)
    u, i = cells // I, cells % I
    r = 3.3 + mood[u] + quality[i] + taste[u, genre[i]] + np.random.randn(len(u)) * 0.35
    return u, i, genre, np.clip(r, 0.5, 5.0).astype("float32")


u, i, genre, r = build()
u, i, r = torch.from_numpy(u), torch.from_numpy(i), torch.from_numpy(r)
genre = torch.from_numpy(genre)
n_test = len(r) // 6
test_idx, train_idx = torch.arange(n_test), torch.arange(n_test, len(r))
print("ratings", len(r), "train", len(train_idx), "test", n_test, "mean %.3f" % r[train_idx].mean())


class Recommender(nn.Module):
    def __init__(self, mean):
        super().__init__()
        k = CFG["k"]
        self.user = nn.Embedding(CFG["users"], k + 1, sparse=True)
        self.item = nn.Embedding(CFG["items"], k + 1, sparse=True)
        for t in (self.user, self.item):
            nn.init.normal_(t.weight, std=0.05)
        self.genre = nn.Embedding(CFG["genres"], k)
        self.mix = nn.Sequential(nn.Linear(k, 16), nn.ReLU(), nn.Linear(16, 1))
        self.register_buffer("mean", mean)

    def forward(self, u, i):
        pu, qi = self.user(u), self.item(i)
        a, b = pu[:, :-1], qi[:, :-1] + self.genre(genre[i])
        return self.mean + pu[:, -1] + qi[:, -1] + (a * b).sum(1) + self.mix(a * b).squeeze(1), pu, qi


model = Recommender(r[train_idx].mean())
tables = [model.user.weight, model.item.weight]
dense = list(model.genre.parameters()) + list(model.mix.parameters())
opt_tab = torch.optim.SparseAdam(tables, lr=CFG["lr_tab"])
opt_dense = torch.optim.SGD(dense, lr=CFG["lr_dense"], momentum=0.9)
scheds = [torch.optim.lr_scheduler.ExponentialLR(o, 0.7) for o in (opt_tab, opt_dense)]
mse = nn.MSELoss()


def rmse(idx):
    model.eval()
    with torch.no_grad():
        pred, _, _ = model(u[idx], i[idx])
        return mse(pred.clamp(0.5, 5.0), r[idx]).sqrt().item()


history = []
for epoch in range(CFG["epochs"]):
    model.train()
    perm = train_idx[torch.randperm(len(train_idx))]
    run = 0.0
    for s in range(0, len(perm), CFG["bs"]):
        idx = perm[s:s + CFG["bs"]]
        pred, pu, qi = model(u[idx], i[idx])
        loss = mse(pred, r[idx])
        penalty = CFG["l2"] * (pu.pow(2).sum(1) + qi.pow(2).sum(1)).mean()
        opt_tab.zero_grad()
        opt_dense.zero_grad()
        (loss + penalty).backward()
        opt_tab.step()
        opt_dense.step()
        run += loss.item() * len(idx)
    for sc in scheds:
        sc.step()
    history.append((run / len(perm), rmse(test_idx)))
    print("epoch %d  train mse %.4f  test rmse %.4f" % (epoch, *history[-1]))

const = (r[test_idx] - r[train_idx].mean()).pow(2).mean().sqrt().item()
print("train rmse %.4f  test rmse %.4f  constant %.4f" % (rmse(train_idx), history[-1][1], const))
print("explained variance on test %.3f" % (1 - (history[-1][1] / const) ** 2))
