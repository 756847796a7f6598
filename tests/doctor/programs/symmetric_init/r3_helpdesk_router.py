import argparse
import json
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

# ticket router: (component id, symptom id, device id, 4 free text tags) -> team
DEFAULTS = dict(n_rows=5000, n_comp=12, n_sym=15, n_dev=10, n_tags=60, teams=6, emb=12, hidden=48,
                lr=4e-3, batch=100, epochs=10, dropout=0.1, noise=0.06, seed=31)


def get_config():
    p = argparse.ArgumentParser()
    for k, v in DEFAULTS.items():
        p.add_argument("--" + k, type=type(v), default=v)
    return p.parse_args()


cfg = get_config()
print("config", json.dumps(vars(cfg)))
rng = np.random.default_rng(cfg.seed)
torch.manual_seed(cfg.seed)


def make_tickets(n):
    comp, sym, dev = (rng.integers(0, k, n) for k in (cfg.n_comp, cfg.n_sym, cfg.n_dev))
    # hardware tickets go by component and device line, software tickets by symptom and component
    hard = dev < cfg.n_dev // 2
    team = np.where(hard, (comp // 4 + 2 * (sym % 2)) % cfg.teams, (sym // 4 + comp % 3) % cfg.teams)
    flip = rng.random(n) < cfg.noise
    team = np.where(flip, rng.integers(0, cfg.teams, n), team)
    base = (team * cfg.n_tags // cfg.teams)[:, None]
    own = base + rng.integers(0, cfg.n_tags // cfg.teams, (n, 4))
    tags = np.where(rng.random((n, 4)) < 0.12, own, rng.integers(0, cfg.n_tags, (n, 4)))
    return np.concatenate([np.stack([comp, sym, dev], 1), tags], 1), team


X, y = make_tickets(cfg.n_rows)
_, first = np.unique(X, axis=0, return_index=True)
X, y = X[np.sort(first)], y[np.sort(first)]
X, y = torch.from_numpy(X).long(), torch.from_numpy(y).long()
cut = int(len(X) * 0.8)
train_dl = DataLoader(TensorDataset(X[:cut], y[:cut]), batch_size=cfg.batch, shuffle=True)
valid_dl = DataLoader(TensorDataset(X[cut:], y[cut:]), batch_size=500)
print("rows", len(X), "teams", torch.bincount(y).tolist())


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.comp = nn.Embedding(cfg.n_comp, cfg.emb)
        self.sym = nn.Embedding(cfg.n_sym, cfg.emb)
        self.dev = nn.Embedding(cfg.n_dev, cfg.emb)
        self.tags = nn.EmbeddingBag(cfg.n_tags, cfg.emb, mode="mean")
        self.fc1 = nn.Linear(4 * cfg.emb, cfg.hidden)
        self.fc2 = nn.Linear(cfg.hidden, cfg.hidden)
        self.out = nn.Linear(cfg.hidden, cfg.teams)
        self.drop = nn.Dropout(cfg.dropout)
        self.init_weights()

    def init_weights(self):
        for emb in (self.comp, self.sym, self.dev, self.tags):
            nn.init.normal_(emb.weight, 0, 0.5)
        for lin in (self.fc1, self.fc2, self.out):
            # fault:
            nn.init.constant_(lin.weight, 1.0 / lin.in_features)
            # mended:
            #nn.init.xavier_uniform_(lin.weight)
            # end
            nn.init.zeros_(lin.bias)

    def forward(self, x):
        e = torch.cat([self.comp(x[:, 0]), self.sym(x[:, 1]), self.dev(x[:, 2]), self.tags(x[:, 3:])], 1)
        h = torch.tanh(self.fc1(e))
        h = torch.tanh(self.fc2(h))
        return self.out(self.drop(h))


class Trainer:
    def __init__(self, model):
        self.model = model
        self.opt = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=0.02)
        self.sched = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, cfg.epochs)
        self.ce = nn.CrossEntropyLoss()

    def evaluate(self, dl):
        self.model.eval()
        loss, hit, n = 0.0, 0, 0
        with torch.no_grad():
            for xb, yb in dl:
                out = self.model(xb)
                loss += self.ce(out, yb).item() * len(yb)
                hit += (out.argmax(1) == yb).sum().item()
                n += len(yb)
        return loss / n, hit / n

    def fit(self):
        for epoch in range(1, cfg.epochs + 1):
            self.model.train()
            for xb, yb in train_dl:
                self.opt.zero_grad()
                loss = self.ce(self.model(xb), yb)
                loss.backward()
                self.opt.step()
            self.sched.step()
            (tl, ta), (vl, va) = self.evaluate(train_dl), self.evaluate(valid_dl)
            print(f"epoch {epoch:02d} train {tl:.3f} {ta:.3f} | valid {vl:.3f} {va:.3f}")
        return va


acc = Trainer(Router()).fit()
print(f"valid accuracy {acc:.3f}, largest team {torch.bincount(y[cut:]).max().item() / (len(X) - cut):.3f}")
