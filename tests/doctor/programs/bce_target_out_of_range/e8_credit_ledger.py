"""
Credit desk: read the last 20 bookings of an account and tell whether the loan goes bad.
The outcome column keeps the bureau's own coding (1 = repaid, 2 = defaulted).
"""
import numpy as np
import torch
from torch import nn

BOOKINGS = ["salary", "rent", "grocer", "fuel", "casino", "atm", "payday_loan", "fee_overdraft", "savings",
            "insurance", "restaurant", "pharmacy", "transfer_in", "transfer_out", "utility", "returned_debit",
            "pension", "child_benefit", "subscription", "travel"]
CODE = {b: i for i, b in enumerate(BOOKINGS)}
RISKY = ["casino", "payday_loan", "fee_overdraft", "returned_debit"]
STEADY = ["salary", "savings", "pension", "insurance"]
SPAN = 20


def ledger(rng):
    bad = rng.random() < 0.45
    weights = np.ones(len(BOOKINGS))
    for name in RISKY:
        weights[CODE[name]] = 1.9 if bad else 0.6
    for name in STEADY:
        weights[CODE[name]] = 0.7 if bad else 1.7
    seq = rng.choice(len(BOOKINGS), size=SPAN, p=weights / weights.sum())
    return seq, 2 if bad else 1


def load(n, seed=5):
    rng = np.random.default_rng(seed)
    pairs = [ledger(rng) for _ in range(n)]
    seqs = np.stack([p[0] for p in pairs])
    outcome = np.array([p[1] for p in pairs])
    return torch.from_numpy(seqs), torch.from_numpy(outcome)


class LedgerCNN(nn.Module):
    def __init__(self, n_codes, dim=12, channels=24):
        super().__init__()
        self.codes = nn.Embedding(n_codes, dim)
        self.conv = nn.Conv1d(dim, channels, kernel_size=3, padding=1)
        self.drop = nn.Dropout(0.2)
        self.risk = nn.Linear(channels, 1)

    def forward(self, seqs):
        h = self.codes(seqs).transpose(1, 2)
        h = torch.relu(self.conv(h)).mean(dim=2)
        return self.risk(self.drop(h)).squeeze(1)


class Desk:
    def __init__(self, model, lr=4e-3):
        self.model = model
        self.opt = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=1e-2)
        self.criterion = nn.BCEWithLogitsLoss()

    def fit_epoch(self, seqs, target, batch=64):
        self.model.train()
        losses = []
        for idx in torch.randperm(len(seqs)).split(batch):
            loss = self.criterion(self.model(seqs[idx]), target[idx])
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
            losses.append(loss.item())
        return float(np.mean(losses))

    @torch.no_grad()
    def accuracy(self, seqs, outcome):
        self.model.eval()
        says_default = torch.sigmoid(self.model(seqs)) > 0.5
        return (says_default == (outcome == 2)).float().mean().item()


torch.manual_seed(5)
seqs, outcome = load(4000)
# fault:
target = outcome.float()
# mended:
#target = (outcome == 2).float()
# end
n_train = 3200
desk = Desk(LedgerCNN(len(BOOKINGS)))
for epoch in range(1, 11):
    loss = desk.fit_epoch(seqs[:n_train], target[:n_train])
    print(f"epoch {epoch:2d} loss {loss:9.4f} "
          f"train {desk.accuracy(seqs[:n_train], outcome[:n_train]):.3f} "
          f"test {desk.accuracy(seqs[n_train:], outcome[n_train:]):.3f}")
print("share repaid in test:", round((outcome[n_train:] == 1).float().mean().item(), 3))
print("test accuracy:", round(desk.accuracy(seqs[n_train:], outcome[n_train:]), 3))
