"""Which corpus does a passage come from?  Reuters wire, Brown, Wikipedia or IMDB reviews.

EmbeddingBag + two layers, nothing fancy; a baseline for the data-selection project.
"""
import gzip
import os
import random
import re
from collections import Counter

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

random.seed(11)
torch.manual_seed(11)

ROOT = os.path.join(os.environ["WORDFIT_DATA"], "corpora")
SOURCES = ["reuters-21578-bodies", "brown", "wikitext-2.valid", "imdb-unsup-25k"]
PER_SOURCE = 800
HELD_OUT = 160


def passages(name, wanted, words=60):
    found, buf = [], []
    with gzip.open(os.path.join(ROOT, name + ".txt.gz"), "rt", encoding="utf-8") as f:
        for line in f:
            buf += re.findall(r"[a-z]+", line.lower().replace("<unk>", " ").replace("<br />", " "))
            while len(buf) >= words:
                found.append(buf[:words])
                buf = buf[words:]
            if len(found) >= wanted * 3:
                break
    return random.sample(found, wanted)


train_rows, test_rows = [], []
for label, source in enumerate(SOURCES):
    rows = [(p, label) for p in passages(source, PER_SOURCE)]
    test_rows.extend(rows[:HELD_OUT])
    train_rows.extend(rows[HELD_OUT:])

counts = Counter(w for p, _ in train_rows for w in p)
vocab = {w: i + 1 for i, (w, c) in enumerate(counts.most_common(3000)) if c > 2}
print(f"{len(train_rows)} training passages, {len(test_rows)} test passages, {len(vocab)} words")


class Passages(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        words, label = self.rows[i]
        return [vocab.get(w, 0) for w in words], label


def collate(batch):
    flat, offsets = [], []
    for ids, _ in batch:
        offsets.append(len(flat))
        flat.extend(ids)
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor([y for _, y in batch])


class OriginNet(nn.Module):
    def __init__(self, n_words, n_classes, dim=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(n_words, dim, mode="mean")
        self.drop = nn.Dropout(0.3)
        self.hidden = nn.Linear(dim, 32)
        self.out = nn.Linear(32, n_classes)

    def forward(self, flat, offsets):
        return self.out(torch.relu(self.hidden(self.drop(self.bag(flat, offsets)))))


# fault:
train_loader = DataLoader(Passages(train_rows), batch_size=32, collate_fn=collate)
# mended:
# train_loader = DataLoader(Passages(train_rows), batch_size=32, collate_fn=collate, shuffle=True)
# end
test_loader = DataLoader(Passages(test_rows), batch_size=200, collate_fn=collate)

net = OriginNet(len(vocab) + 1, len(SOURCES))
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss()

for epoch in range(1, 6):
    net.train()
    running = 0.0
    for flat, offsets, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(flat, offsets), y)
        loss.backward()
        optimizer.step()
        running += loss.item()

    net.eval()
    confusion = torch.zeros(len(SOURCES), len(SOURCES), dtype=torch.long)
    with torch.no_grad():
        for flat, offsets, y in test_loader:
            for t, p in zip(y.tolist(), net(flat, offsets).argmax(1).tolist()):
                confusion[t, p] += 1
    acc = confusion.diag().sum().item() / confusion.sum().item()
    print(f"epoch {epoch}: train loss {running / len(train_loader):.3f}  test accuracy {acc:.3f}")

print("confusion (rows: truth)")
print(confusion.tolist())
