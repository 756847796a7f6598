"""Rare-event detector on event-id sequences (about 6 % positives), average precision is what counts."""
import argparse
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score
from torch.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--n", type=int, default=9000)
parser.add_argument("--events", type=int, default=80)
parser.add_argument("--len", dest="T", type=int, default=20)
parser.add_argument("--dim", type=int, default=24)
parser.add_argument("--pos_weight", type=float, default=4.0)
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--lr", type=float, default=2e-3)
parser.add_argument("--seed", type=int, default=8)
opt = parser.parse_args()
rng = np.random.default_rng(opt.seed)
torch.manual_seed(opt.seed)

PAD = 0
LOGIN_FAIL, NEW_DEVICE, PAYEE_ADD, LIMIT_UP, TRANSFER = 1, 2, 3, 4, 5
common = 1.0 / np.arange(1, opt.events - 5 + 1)
common /= common.sum()


def simulate(n):
    x = np.zeros((n, opt.T), dtype=np.int64)
    y = np.zeros(n, dtype=np.float32)
    for i in range(n):
        L = rng.integers(6, opt.T + 1)
        seq = 6 + rng.choice(opt.events - 5, size=L, p=common)
        for ev in (LOGIN_FAIL, NEW_DEVICE, PAYEE_ADD, LIMIT_UP, TRANSFER):
            if rng.random() < 0.15:
                seq[rng.integers(L)] = ev
        if rng.random() < 0.06:
            where = np.sort(rng.choice(L, size=4, replace=False))
            seq[where] = rng.choice([[NEW_DEVICE, LIMIT_UP], [LOGIN_FAIL, PAYEE_ADD]][rng.integers(2)] * 2, 4)
            seq[where[-1]] = TRANSFER
            y[i] = 1
        x[i, :L] = seq
    return x, y


X, y = simulate(opt.n)
_, keep = np.unique(X, axis=0, return_index=True)
keep = rng.permutation(keep)
X, y = torch.from_numpy(X[keep]), torch.from_numpy(y[keep])
n_tr = int(0.75 * len(X))
tr, te = TensorDataset(X[:n_tr], y[:n_tr]), TensorDataset(X[n_tr:], y[n_tr:])
print(f"train {len(tr)} test {len(te)} positive rate {y.mean():.3f}")


class Detector(nn.Module):
    def __init__(self, heads=4):
        super().__init__()
        self.ev = nn.Embedding(opt.events + 1, opt.dim, padding_idx=PAD)
        self.register_buffer("queries_scale", torch.tensor(opt.dim ** -0.5))
        self.q = nn.Parameter(torch.randn(heads, opt.dim) * 0.3)
        self.norm = nn.LayerNorm(opt.dim * (heads + 1))
        self.mlp = nn.Sequential(nn.Linear(opt.dim * (heads + 1), 48), nn.GELU(), nn.Dropout(0.5), nn.Linear(48, 1))
        nn.init.constant_(self.mlp[-1].bias, -2.0)

    def forward(self, ids):
        e = self.ev(ids)
        pad = (ids == PAD).unsqueeze(1)
        att = (self.q @ e.transpose(1, 2) * self.queries_scale).masked_fill(pad, -1e9).softmax(-1)
        pooled = (att @ e).flatten(1)
        total = e.sum(1) / 4
        return self.mlp(self.norm(torch.cat([pooled, total], 1))).squeeze(-1)


class Trainer:
    def __init__(self, model):
        self.model = model
        self.loss = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(opt.pos_weight))
        self.optim = torch.optim.AdamW(model.parameters(), lr=opt.lr, weight_decay=0.01)
        self.dl = DataLoader(tr, batch_size=64, shuffle=True)
        self.sched = torch.optim.lr_scheduler.OneCycleLR(self.optim, 2 * opt.lr, epochs=opt.epochs, steps_per_epoch=len(self.dl))

    def scores(self, ds):
        self.model.eval()
        with torch.no_grad():
            z = torch.cat([self.model(x) for x, _ in DataLoader(ds, batch_size=1000)])
        return z, ds.tensors[1]

    def fit(self):
        for ep in range(opt.epochs):
            self.model.train()
            s = 0.0
            for xb, yb in self.dl:
                self.optim.zero_grad(set_to_none=True)
                loss = self.loss(self.model(xb), yb)
                loss.backward()
                self.optim.step()
                self.sched.step()
                s += loss.item()
            z, t = self.scores(te)
            print(f"epoch {ep}: train loss {s / len(self.dl):.4f} test loss {self.loss(z, t):.4f} AP {average_precision_score(t, z):.3f}")


trainer = Trainer(Detector())
trainer.fit()
for name, ds in (("train", tr), ("test", te)):
    z, t = trainer.scores(ds)
    print(f"{name:5s} AP {average_precision_score(t, z):.3f} AUC {roc_auc_score(t, z):.3f} F1@0 {f1_score(t, z > 0):.3f}"
          f" (positive rate {t.mean():.3f}, F1 of all-positive {2 * t.mean() / (1 + t.mean()):.3f})")
