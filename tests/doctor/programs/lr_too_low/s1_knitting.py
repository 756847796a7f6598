"""
Does a row of a knitting pattern grow, shrink, or keep its stitch count?
I write the abbreviations as tokens and let a GRU read the row.
"""
import argparse
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader

parser = argparse.ArgumentParser()
# fault:
parser.add_argument("--lr", type=float, default=2e-5)
# mended:
#parser.add_argument("--lr", type=float, default=4e-3)
# end
parser.add_argument("--epochs", type=int, default=8)
parser.add_argument("--batch-size", type=int, default=50)
parser.add_argument("--dim", type=int, default=16)
parser.add_argument("--hidden", type=int, default=32)
parser.add_argument("--seed", type=int, default=3)
args = parser.parse_args()

random.seed(args.seed)
torch.manual_seed(args.seed)

CHANGE = {"k": 0, "p": 0, "sl": 0, "c4f": 0, "c4b": 0, "ktbl": 0,
          "yo": 1, "m1l": 1, "m1r": 1, "kfb": 1,
          "k2tog": -1, "ssk": -1, "p2tog": -1, "skp": -1}
TOKENS = ["<pad>"] + sorted(CHANGE)
ID = {t: i for i, t in enumerate(TOKENS)}
CLASSES = ["shrinks", "even", "grows"]


def make_row():
    length = random.randint(6, 14)
    plain = [t for t, c in CHANGE.items() if c == 0]
    shaped = [t for t, c in CHANGE.items() if c != 0]
    return tuple(random.choice(plain if random.random() < 0.55 else shaped) for _ in range(length))


def outcome(row):
    total = sum(CHANGE[t] for t in row)
    return 1 + (total > 0) - (total < 0)


rows, per_class = set(), [0, 0, 0]
while len(rows) < 4200:
    r = make_row()
    y = outcome(r)
    if r not in rows and per_class[y] < 1400:
        rows.add(r)
        per_class[y] += 1
rows = sorted(rows)
random.shuffle(rows)
train, dev = rows[:3400], rows[3400:]


def collate(batch):
    x = pad_sequence([torch.tensor([ID[t] for t in r]) for r in batch], batch_first=True)
    return x, torch.tensor([len(r) for r in batch]), torch.tensor([outcome(r) for r in batch])


class RowReader(nn.Module):
    def __init__(self, n_tokens, dim, hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, dim, padding_idx=0)
        self.gru = nn.GRU(dim, hidden, batch_first=True)
        self.head = nn.Linear(hidden, len(CLASSES))

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return self.head(h[-1])


model = RowReader(len(TOKENS), args.dim, args.hidden)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
train_loader = DataLoader(train, args.batch_size, shuffle=True, collate_fn=collate)
dev_loader = DataLoader(dev, 200, collate_fn=collate)

for epoch in range(args.epochs):
    model.train()
    total = 0.0
    for x, n, y in train_loader:
        loss = criterion(model(x, n), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        hits = sum((model(x, n).argmax(1) == y).sum().item() for x, n, y in dev_loader)
    print(f"epoch {epoch + 1:2d}  loss {total / len(train_loader):.4f}  dev accuracy {hits / len(dev):.3f}")
