# hotel cancellations, entity embeddings for the categorical columns. forked from my flight delay kernel
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import roc_auc_score
from torch.utils.data import DataLoader, TensorDataset

CONFIG = {
    "seed": 2023,
    "rows": 12000,
    "columns": {"hotel": 80, "agent": 120, "country": 60, "room_type": 12, "month": 12},
    "emb_size": 4,
    "hidden": [32],
    "dropout": 0.1,
    "lr": 1.5e-2,
    "weight_decay": 1e-5,
    "epochs": 10,
    "batch_size": 256,
}


def seed_everything(seed):
    np.random.seed(seed)
    torch.manual_seed(seed)


def load_bookings(cfg):
    rng = np.random.default_rng(cfg["seed"])
    cols = []
    z = np.zeros(cfg["rows"])
    for name, card in cfg["columns"].items():
        ids = rng.integers(0, card, cfg["rows"])
        z += rng.normal(0, 1.2, card)[ids]
        cols.append(ids)
    lead = rng.exponential(1.0, cfg["rows"])
    z += 0.5 * (lead - 1.0)
    y = rng.random(cfg["rows"]) < 1 / (1 + np.exp(-1.2 * z))
    return np.stack(cols, 1), lead[:, None], y.astype(np.float32)


class EntityNet(nn.Module):
    def __init__(self, cards, emb_size, n_cont, hidden, dropout):
        super().__init__()
        # fault:
        self.embs = [nn.Embedding(c, emb_size) for c in cards]
        # mended:
        #self.embs = nn.ModuleList([nn.Embedding(c, emb_size) for c in cards])
        # end
        self.emb_drop = nn.Dropout(dropout)
        layers, d = [], emb_size * len(cards) + n_cont
        for h in hidden:
            layers += [nn.Linear(d, h), nn.ReLU(), nn.Dropout(dropout)]
            d = h
        self.mlp = nn.Sequential(*layers, nn.Linear(d, 1))

    def forward(self, cat, cont):
        e = torch.cat([emb(cat[:, j]) for j, emb in enumerate(self.embs)], dim=1)
        return self.mlp(torch.cat([self.emb_drop(e), cont], dim=1)).squeeze(1)


class Learner:
    def __init__(self, model, cfg):
        self.model = model
        self.cfg = cfg
        self.loss_fn = nn.BCEWithLogitsLoss()
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=cfg["lr"], weight_decay=cfg["weight_decay"])
        self.scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, cfg["epochs"])
        self.best_auc = 0.0

    def one_epoch(self, loader):
        self.model.train()
        losses = []
        for cat, cont, y in loader:
            self.optimizer.zero_grad()
            loss = self.loss_fn(self.model(cat, cont), y)
            loss.backward()
            self.optimizer.step()
            losses.append(loss.item())
        return np.mean(losses)

    def predict(self, loader):
        self.model.eval()
        out, ys = [], []
        with torch.no_grad():
            for cat, cont, y in loader:
                out.append(self.model(cat, cont))
                ys.append(y)
        return torch.cat(out), torch.cat(ys)

    def metrics(self, loader):
        logit, y = self.predict(loader)
        return self.loss_fn(logit, y).item(), roc_auc_score(y.numpy(), logit.numpy()), ((logit > 0).float() == y).float().mean().item()

    def fit(self, train_loader, valid_loader):
        for epoch in range(self.cfg["epochs"]):
            tl = self.one_epoch(train_loader)
            vl, auc, acc = self.metrics(valid_loader)
            self.scheduler.step()
            self.best_auc = max(self.best_auc, auc)
            print(f"Epoch {epoch:02d} | train {tl:.4f} | valid {vl:.4f} | AUC {auc:.4f} | acc {acc:.4f}")
        return self


def main():
    seed_everything(CONFIG["seed"])
    cat, cont, y = load_bookings(CONFIG)
    n_tr = int(0.8 * len(y))
    mean, std = cont[:n_tr].mean(0), cont[:n_tr].std(0)
    cont = (cont - mean) / std
    print("cancelled:", round(float(y.mean()), 3))
    tensors = [torch.tensor(cat), torch.tensor(cont, dtype=torch.float32), torch.tensor(y)]
    train_ds = TensorDataset(*[t[:n_tr] for t in tensors])
    valid_ds = TensorDataset(*[t[n_tr:] for t in tensors])
    train_loader = DataLoader(train_ds, batch_size=CONFIG["batch_size"], shuffle=True)
    valid_loader = DataLoader(valid_ds, batch_size=1024)
    model = EntityNet(list(CONFIG["columns"].values()), CONFIG["emb_size"], cont.shape[1], CONFIG["hidden"], CONFIG["dropout"])
    learner = Learner(model, CONFIG).fit(train_loader, valid_loader)
    print("train:", [round(m, 4) for m in learner.metrics(DataLoader(train_ds, batch_size=1024))])
    print("valid:", [round(m, 4) for m in learner.metrics(valid_loader)])


if __name__ == "__main__":
    main()
