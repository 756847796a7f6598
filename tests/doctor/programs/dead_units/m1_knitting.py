"""What am I knitting? Classifying stitch patterns from their written instructions.

A pattern repeat is a row of stitch abbreviations such as "k2 yo k2tog p1". Order
matters, so we use a 1-d convolution over the stitches and a small network on top.
"""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

SEED = 42
random.seed(SEED)
torch.manual_seed(SEED)

STITCHES = "<pad> k p k2tog ssk yo sl c4f c4b m1 tbl kfb p2tog wyif wyib pm".split()
STOI = {s: i for i, s in enumerate(STITCHES)}
PATTERNS = {
    "ribbing": [["k", "k", "p", "p"], ["k", "p"], ["tbl", "p"]],
    "lace": [["k2tog", "yo"], ["yo", "ssk"], ["yo", "k", "p2tog"]],
    "cable": [["p", "c4f", "p"], ["p", "c4b", "p"], ["c4f", "k", "c4b"]],
    "mosaic": [["sl", "wyib", "k"], ["wyif", "sl", "k"]],
    "shaping": [["pm", "m1", "k"], ["kfb", "pm"], ["k", "ssk", "pm"]],
}
CLASSES = list(PATTERNS)
MAX_LEN = 24


def write_row(label):
    row = []
    length = random.randint(8, MAX_LEN)
    while len(row) < length:
        if random.random() < 0.35:
            row += random.choice(PATTERNS[CLASSES[label]])
        elif random.random() < 0.15:
            row.append(random.choice(STITCHES[1:]))
        else:
            row.append(random.choice(["k", "k", "p"]))
    return row[:MAX_LEN]


def pattern_library(n):
    rows, labels, seen = [], [], set()
    while len(rows) < n:
        label = random.randrange(len(CLASSES))
        row = write_row(label)
        if tuple(row) not in seen:
            seen.add(tuple(row))
            rows.append(row)
            labels.append(label)
    x = torch.zeros(n, MAX_LEN, dtype=torch.long)
    for i, row in enumerate(rows):
        x[i, :len(row)] = torch.tensor([STOI[s] for s in row])
    return x, torch.tensor(labels)


class StitchNet(nn.Module):
    def __init__(self, n_stitches, n_classes, dim=24, channels=48, hidden=32):
        super().__init__()
        self.embedding = nn.Embedding(n_stitches, dim, padding_idx=0)
        self.conv = nn.Conv1d(dim, channels, kernel_size=3, padding=1)
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, n_classes)
        self.dropout = nn.Dropout(0.2)
        self.reset_parameters()

    def reset_parameters(self):
        for layer in (self.fc1, self.fc2):
            # fault:
            nn.init.uniform_(layer.weight, -0.2, 0.0)
            # mended:
            #nn.init.uniform_(layer.weight, -0.2, 0.2)
            # end
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        mask = (x != 0).unsqueeze(1)
        h = F.relu(self.conv(self.embedding(x).transpose(1, 2)))
        h = h.masked_fill(~mask, 0.0).amax(dim=2)
        h = F.relu(self.fc1(h))
        return self.fc2(self.dropout(h))


def train(model, loader, optimizer, criterion):
    model.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    return total / len(loader.dataset)


@torch.no_grad()
def evaluate(model, loader, criterion):
    model.eval()
    loss = correct = 0.0
    for x, y in loader:
        logits = model(x)
        loss += criterion(logits, y).item() * len(y)
        correct += (logits.argmax(1) == y).sum().item()
    return loss / len(loader.dataset), correct / len(loader.dataset)


def main():
    x, y = pattern_library(3000)
    train_loader = DataLoader(TensorDataset(x[:2400], y[:2400]), batch_size=32, shuffle=True)
    val_loader = DataLoader(TensorDataset(x[2400:], y[2400:]), batch_size=200)
    model = StitchNet(len(STITCHES), len(CLASSES))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(1, 9):
        train_loss = train(model, train_loader, optimizer, criterion)
        val_loss, val_acc = evaluate(model, val_loader, criterion)
        print(f"Epoch {epoch}: train loss {train_loss:.3f}, val loss {val_loss:.3f}, val accuracy {val_acc:.3f}")


if __name__ == "__main__":
    main()
