# Tabular playground: will the order be returned?
# Entity embeddings for the id columns (Guo & Berkhahn), own little fit/predict class so that it looks like sklearn.
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import train_test_split

SEED = 5
rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)

# ---------------------------------------------------------------- data
COLS = {"customer_id": 80, "article_id": 110, "brand_id": 40, "carrier_id": 9}


def make_frame(n=8000):
    effect = {c: rng.normal(0, 1.5, k) for c, k in COLS.items()}
    effect["carrier_id"] *= 0.4
    rows = np.stack([rng.integers(0, k, 2 * n) for k in COLS.values()], 1)
    rows = np.unique(rows, axis=0)
    rows = rows[rng.permutation(len(rows))[:n]]
    z = sum(effect[c][rows[:, j]] for j, c in enumerate(COLS))
    y = (rng.random(len(rows)) < 1 / (1 + np.exp(-1.5 * z))).astype(np.float32)
    return rows, y


X, y = make_frame()
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.2, random_state=SEED, stratify=y)
print("rows", len(X_tr), len(X_te), "return rate %.3f" % y.mean())


# ---------------------------------------------------------------- model
class EntityNet(nn.Module):
    def __init__(self, cardinalities, dim=2, hidden=12):
        super().__init__()
        # fault:
        self.tables = [nn.Embedding(k, dim) for k in cardinalities]
        # mended:
        #self.tables = nn.ModuleList([nn.Embedding(k, dim) for k in cardinalities])
        # end
        for t in self.tables:
            nn.init.normal_(t.weight, std=0.1)
        self.norm = nn.BatchNorm1d(dim * len(cardinalities))
        self.mlp = nn.Sequential(nn.Linear(dim * len(cardinalities), hidden), nn.ReLU(), nn.Dropout(0.1), nn.Linear(hidden, 1))

    def forward(self, x):
        parts = [t(x[:, j]) for j, t in enumerate(self.tables)]
        return self.mlp(self.norm(torch.cat(parts, dim=1)))[:, 0]


class TorchClassifier:
    def __init__(self, net, lr=0.01, epochs=5, batch_size=128, verbose=True):
        self.net, self.lr, self.epochs, self.bs, self.verbose = net, lr, epochs, batch_size, verbose

    def fit(self, X, y, eval_set=None):
        X, y = torch.as_tensor(X), torch.as_tensor(y)
        opt = torch.optim.Adam(self.net.parameters(), lr=self.lr)
        steps = self.epochs * ((len(X) + self.bs - 1) // self.bs)
        sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps)
        crit = nn.BCEWithLogitsLoss()
        for ep in range(self.epochs):
            self.net.train()
            perm = torch.randperm(len(X))
            total = 0.0
            for i in range(0, len(X), self.bs):
                b = perm[i:i + self.bs]
                loss = crit(self.net(X[b]), y[b])
                opt.zero_grad()
                loss.backward()
                opt.step()
                sched.step()
                total += loss.item() * len(b)
            if self.verbose:
                msg = f"[{ep}] train-logloss {total / len(X):.4f}"
                if eval_set is not None:
                    p = self.predict_proba(eval_set[0])
                    msg += f"  valid-logloss {log_loss(eval_set[1], p):.4f}  valid-auc {roc_auc_score(eval_set[1], p):.4f}"
                print(msg)
        return self

    @torch.no_grad()
    def predict_proba(self, X):
        self.net.eval()
        return torch.sigmoid(self.net(torch.as_tensor(X))).numpy()


clf = TorchClassifier(EntityNet(list(COLS.values())))
clf.fit(X_tr, y_tr, eval_set=(X_te, y_te))

p_tr, p_te = clf.predict_proba(X_tr), clf.predict_proba(X_te)
print("train auc %.4f   test auc %.4f" % (roc_auc_score(y_tr, p_tr), roc_auc_score(y_te, p_te)))
print("test accuracy %.4f (always no: %.4f)" % (((p_te > .5) == y_te).mean(), max(y_te.mean(), 1 - y_te.mean())))
