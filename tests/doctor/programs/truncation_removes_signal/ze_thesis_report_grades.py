#!/usr/bin/env python3
# Thesis chapter 5: can the examiner's recommendation (accept / revise / reject)
# be read from the written report?  Reports open with the prescribed formal part.
import random

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

random.seed(3)
torch.manual_seed(3)

FIELDS = "hydraulics acoustics robotics metallurgy photonics geodesy ceramics logistics".split()
BODY = ("the candidate studies measures compares derives simulates describes chapter method result data model "
        "experiment appendix figure table section literature test bench sensor error curve load sample").split()
VERDICT = {
    0: ["sound", "thorough", "convincing", "excellent", "mature", "elegant"],
    1: ["incomplete", "unclear", "hasty", "patchy", "uneven", "sketchy"],
    2: ["wrong", "plagiarised", "flawed", "unusable", "baseless", "invalid"],
}
NEUTRAL = "overall in my opinion the work is and the treatment of the subject seems".split()


def report():
    y = random.randrange(3)
    head = ["report", "on", "the", "thesis", "in", random.choice(FIELDS), "submitted", "to", "the", "university", "of",
            "technology", "by", "candidate", "number", random.choice("one two three four five six".split())]
    mid = random.choices(BODY, k=random.randint(20, 34))
    end = random.sample(NEUTRAL, 5) + random.sample(VERDICT[y], 3)
    random.shuffle(end)
    return head + mid + end, y


class Reports(Dataset):
    def __init__(self, rows, stoi, max_len):
        self.items = []
        for words, y in rows:
            ids = [stoi.get(w, 1) for w in words][:max_len]
            self.items.append((ids, y))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(items):
    width = max(len(ids) for ids, _ in items)
    X = torch.tensor([ids + [0] * (width - len(ids)) for ids, _ in items])
    return X, torch.tensor([y for _, y in items])


class ReportCNN(nn.Module):
    def __init__(self, V, d=24, ch=32):
        super().__init__()
        self.table = nn.Embedding(V, d, padding_idx=0)
        self.conv = nn.Conv1d(d, ch, 3, padding=1)
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(ch, 3)

    def forward(self, X):
        h = torch.relu(self.conv(self.table(X).transpose(1, 2)))
        h = h.masked_fill((X == 0).unsqueeze(1), 0.0)
        return self.head(self.drop(h.max(dim=2).values))


rows = [report() for _ in range(2400)]
train_rows, test_rows = rows[:2000], rows[2000:]
vocab = {"<pad>": 0, "<unk>": 1}
for words, _ in train_rows:
    for w in words:
        vocab.setdefault(w, len(vocab))

# fault:
MAX_LEN = 32
# mended:
# MAX_LEN = 64
# end
train_dl = DataLoader(Reports(train_rows, vocab, MAX_LEN), batch_size=40, shuffle=True, collate_fn=collate)
test_dl = DataLoader(Reports(test_rows, vocab, MAX_LEN), batch_size=200, collate_fn=collate)

net = ReportCNN(len(vocab))
optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()


def accuracy(dl):
    net.eval()
    with torch.no_grad():
        hits = [(net(X).argmax(1) == y).float() for X, y in dl]
    return torch.cat(hits).mean().item()


for ep in range(5):
    net.train()
    losses = []
    for X, y in train_dl:
        optimiser.zero_grad()
        loss = criterion(net(X), y)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    print(f"[{ep}] loss {np.mean(losses):.3f}  train acc {accuracy(train_dl):.3f}  test acc {accuracy(test_dl):.3f}")
