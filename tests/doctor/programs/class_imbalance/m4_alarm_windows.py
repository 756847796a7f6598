"""Flag windows of machine event codes that are followed by a stop within the hour."""
import argparse

import numpy as np
import torch
from sklearn.metrics import average_precision_score, balanced_accuracy_score, f1_score, recall_score
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

N_CODES = 160
WINDOW = 18


def simulate(n, stop_rate, rng):
    """Windows of codes; before a stop the wear codes come more often than usual."""
    base = rng.dirichlet(np.full(N_CODES, 4.0))
    lift = np.ones(N_CODES)
    wear = rng.choice(N_CODES, 24, replace=False)
    lift[wear] = rng.uniform(2.8, 4.2, size=24)
    before_stop = base * lift
    before_stop /= before_stop.sum()
    y = (rng.random(n) < stop_rate).astype(np.int64)
    x = np.where(y[:, None] == 1,
                 rng.choice(N_CODES, size=(n, WINDOW), p=before_stop),
                 rng.choice(N_CODES, size=(n, WINDOW), p=base))
    return torch.from_numpy(x), torch.from_numpy(y)


class StopPredictor(nn.Module):
    def __init__(self, dim=16, hidden=32, dropout=0.2):
        super().__init__()
        self.codes = nn.Embedding(N_CODES, dim)
        self.net = nn.Sequential(nn.Dropout(dropout), nn.Linear(dim, hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def forward(self, windows):
        return self.net(self.codes(windows).mean(dim=1)).squeeze(-1)


def run_epoch(model, loader, criterion, optimizer):
    model.train()
    total = 0.0
    for windows, stop in loader:
        loss = criterion(model(windows), stop.float())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(stop)
    return total / len(loader.dataset)


@torch.no_grad()
def evaluate(model, windows, stop):
    model.eval()
    prob = torch.sigmoid(model(windows)).numpy()
    pred = (prob > 0.5).astype(int)
    stop = stop.numpy()
    return {
        "balanced_accuracy": balanced_accuracy_score(stop, pred),
        "recall": recall_score(stop, pred),
        "f1": f1_score(stop, pred, zero_division=0),
        "average_precision": average_precision_score(stop, prob),
    }


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--rows", type=int, default=14000)
    ap.add_argument("--epochs", type=int, default=7)
    ap.add_argument("--batch-size", type=int, default=128)
    ap.add_argument("--lr", type=float, default=4e-3)
    ap.add_argument("--stop-rate", type=float, default=0.03)
    ap.add_argument("--seed", type=int, default=5)
    args = ap.parse_args()

    torch.manual_seed(args.seed)
    windows, stop = simulate(args.rows, args.stop_rate, np.random.default_rng(args.seed))
    cut = int(args.rows * 0.75)
    train = TensorDataset(windows[:cut], stop[:cut])
    dev_windows, dev_stop = windows[cut:], stop[cut:]
    print(f"{cut} training windows, {int(stop[:cut].sum())} of them before a stop")

    loader = DataLoader(train, batch_size=args.batch_size, shuffle=True)
    model = StopPredictor()
    # fault:
    criterion = nn.BCEWithLogitsLoss()
    # mended:
    #positives = stop[:cut].sum()
    #criterion = nn.BCEWithLogitsLoss(pos_weight=(cut - positives) / positives)
    # end
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.05)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs)
    for epoch in range(args.epochs):
        loss = run_epoch(model, loader, criterion, optimizer)
        scheduler.step()
        scores = evaluate(model, dev_windows, dev_stop)
        print(f"epoch {epoch + 1:2d} loss {loss:.4f} " + " ".join(f"{k} {v:.3f}" for k, v in scores.items()))

    print("train", {k: round(float(v), 3) for k, v in evaluate(model, windows[:cut], stop[:cut]).items()})
    final = evaluate(model, dev_windows, dev_stop)
    print(f"dev balanced accuracy: {final['balanced_accuracy']:.3f}")


if __name__ == "__main__":
    main()
