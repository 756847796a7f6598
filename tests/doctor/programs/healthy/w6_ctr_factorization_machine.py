# CTR competition baseline: factorization machine with hashed fields, sparse gradients, rare positives, log-loss + AUC
import time, zlib
import numpy as np
import torch
from sklearn.metrics import log_loss, roc_auc_score

SEED, D, K = 31, 2 ** 10, 4
rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)

# ---- synthetic click log with interactions (site x segment, ad x hour block)
N = 12000
site, seg = rng.integers(0, 12, N), rng.integers(0, 10, N)
ad, hour = rng.integers(0, 15, N), rng.integers(0, 6, N)
noise_id = rng.integers(0, 8, N)
sf, gf = rng.normal(size=(12, 2)), rng.normal(size=(10, 2))
af, hf = rng.normal(size=(15, 2)), rng.normal(size=(6, 2))
ws, wa = rng.normal(size=12) * 0.6, rng.normal(size=15) * 0.6
z = -2.9 + ws[site] + wa[ad] + 0.9 * (sf[site] * gf[seg]).sum(1) + 0.8 * (af[ad] * hf[hour]).sum(1)
click = (rng.random(N) < 1 / (1 + np.exp(-z))).astype(np.float32)


def hashed(name, col):
    lut = {v: zlib.crc32(f"{name}={v}".encode()) % D for v in np.unique(col)}
    return np.array([lut[v] for v in col])


X = torch.from_numpy(np.stack([hashed(n, c) for n, c in
                               [("site", site), ("seg", seg), ("ad", ad), ("hour", hour), ("id", noise_id)]], 1))
y = torch.from_numpy(click)
cut = 10000
print("clicks: %.3f of the rows, buckets in use %d" % (click.mean(), X.unique().numel()))


class FM(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.w = torch.nn.Embedding(D, 1, sparse=True)
        self.v = torch.nn.Embedding(D, K, sparse=True)
        self.w.weight.data.zero_()
        self.v.weight.data.normal_(0, 0.1)
        p = click[:cut].mean()
        self.bias = torch.nn.Parameter(torch.tensor(float(np.log(p / (1 - p)))))
        self.mix = torch.nn.Parameter(torch.ones(K))

    def forward(self, x):
        e = self.v(x)
        pairwise = 0.5 * (e.sum(1) ** 2 - (e ** 2).sum(1))
        return self.bias + self.w(x).sum((1, 2)) + pairwise @ self.mix


fm = FM()
sparse_opt = torch.optim.SparseAdam([fm.w.weight, fm.v.weight], lr=0.03)
dense_opt = torch.optim.Adam([fm.bias, fm.mix], lr=0.01)
criterion = torch.nn.BCEWithLogitsLoss()


def scores(a, b):
    with torch.no_grad():
        p = torch.sigmoid(fm(X[a:b])).numpy()
    return "logloss %.4f auc %.4f" % (log_loss(click[a:b], p), roc_auc_score(click[a:b], p))


t0 = time.time()
for epoch in range(5):
    perm = torch.randperm(cut)
    for idx in perm.split(250):
        loss = criterion(fm(X[idx]), y[idx])
        sparse_opt.zero_grad(); dense_opt.zero_grad()
        loss.backward()
        sparse_opt.step(); dense_opt.step()
    for g in sparse_opt.param_groups:
        g["lr"] *= 0.6
    print(f"epoch {epoch}  train {scores(0, cut)}  valid {scores(cut, N)}  [{time.time() - t0:.0f}s]")
base = float(click[:cut].mean())
print("constant guess: logloss %.4f" % log_loss(click[cut:], np.full(N - cut, base)))
