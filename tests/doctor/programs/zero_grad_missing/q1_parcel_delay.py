"""Will the parcel be late? Scan-code sequences of parcels, two classes."""
import argparse
import random

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--epochs", type=int, default=8)
ap.add_argument("--lr", type=float, default=0.2)
ap.add_argument("--batch", type=int, default=25)
ap.add_argument("--seed", type=int, default=5)
args = ap.parse_args()

random.seed(args.seed)
torch.manual_seed(args.seed)

DEPOTS = [f"D{n:02d}" for n in range(30)]
EVENTS = ["picked", "sorted", "loaded", "unloaded", "weighed", "customs", "held", "rerouted", "address_check", "damaged", "express", "scanned"]
codes = ["-"] + DEPOTS + EVENTS
code_id = {c: i for i, c in enumerate(codes)}
slow = set(random.sample(DEPOTS, 9))
risk = {"customs": 1.0, "held": 1.6, "rerouted": 1.3, "address_check": 1.1, "damaged": 1.7, "express": -1.6, "loaded": -0.3, "weighed": 0.0}
HOPS = 12


def parcel():
    trail, points = [], 0.0
    for _ in range(random.randint(4, HOPS // 2)):
        depot, event = random.choice(DEPOTS), random.choice(EVENTS)
        trail += [depot, event]
        points += (1.0 if depot in slow else -0.2) + risk.get(event, -0.1)
    return tuple(trail), points + random.gauss(0, 0.3)


rows = {}
while len(rows) < 2600:
    trail, points = parcel()
    rows.setdefault(trail, points)
cut = sorted(rows.values())[len(rows) // 2]
data = [(t, int(p > cut)) for t, p in rows.items()]
random.shuffle(data)

X = torch.tensor([[code_id[c] for c in t] + [0] * (HOPS - len(t)) for t, _ in data])
Y = torch.tensor([y for _, y in data])
n_train = 2000
train_x, train_y, test_x, test_y = X[:n_train], Y[:n_train], X[n_train:], Y[n_train:]


class Delay(nn.Module):
    def __init__(self, n_codes):
        super().__init__()
        self.codes = nn.Embedding(n_codes, 16, padding_idx=0)
        self.gate = nn.Linear(16, 24)
        self.top = nn.Linear(24, 2)

    def forward(self, x):
        there = (x != 0).unsqueeze(-1)
        h = torch.tanh(self.gate(self.codes(x))) * there
        return self.top(h.sum(1))


model = Delay(len(codes))
sgd = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.5)
criterion = nn.CrossEntropyLoss()


def accuracy(x, y):
    model.eval()
    with torch.no_grad():
        acc = (model(x).argmax(1) == y).float().mean().item()
    model.train()
    return acc


for epoch in range(args.epochs):
    perm = torch.randperm(n_train)
    running = 0.0
    for idx in perm.split(args.batch):
        loss = criterion(model(train_x[idx]), train_y[idx])
        # fault:
        loss.backward()
        sgd.step()
        # mended:
        #sgd.zero_grad()
        #loss.backward()
        #sgd.step()
        # end
        running += loss.item() * len(idx)
    print(f"epoch {epoch + 1}: loss {running / n_train:.4f}  train {accuracy(train_x, train_y):.3f}  test {accuracy(test_x, test_y):.3f}")
