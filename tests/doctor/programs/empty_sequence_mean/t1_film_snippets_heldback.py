#!/usr/bin/env python
# coding: utf-8

# # Good film, bad film
# Stanford Sentiment phrases, GloVe vectors, stop words thrown away, the rest averaged.

# In[ ]:
import gzip
import os
from pathlib import Path

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(4)
data_dir = Path(os.environ["WORDFIT_DATA"])

STOP = set("a an the of to in and or for with is it its 's that this as on at by from be was are has have "
           "film movie one his her their you i we he she they".split())

# In[ ]:
vocab, vectors = {"<pad>": 0}, [[0.0] * 50]
with gzip.open(data_dir / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as f:
    for line in f:
        word, *numbers = line.rstrip().split(" ")
        vocab[word] = len(vectors)
        vectors.append([float(x) for x in numbers])
vectors = torch.tensor(vectors)


# In[ ]:
def read(path, limit, skip=()):
    rows, seen = [], set(skip)
    with open(path, encoding="utf8") as f:
        next(f)
        for line in f:
            text, label = line.rstrip("\n").split("\t")
            text = text.strip()
            if text not in seen:
                seen.add(text)
                rows.append((text, int(label)))
            if len(rows) == limit:
                break
    return rows


def encode(text):
    return [vocab[w] for w in text.split() if w in vocab and w not in STOP]


class Snippets(Dataset):
    def __init__(self, rows):
        self.x = [encode(text) for text, _ in rows]
        self.y = [label for _, label in rows]

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


def pad_batch(batch):
    width = max(max(len(x) for x, _ in batch), 1)
    ids = torch.tensor([x + [0] * (width - len(x)) for x, _ in batch])
    lengths = torch.tensor([len(x) for x, _ in batch])
    return ids, lengths, torch.tensor([float(y) for _, y in batch])


dev_rows = read(data_dir / "glue" / "SST-2" / "dev.tsv", 872)
train_rows = read(data_dir / "glue" / "SST-2" / "train.tsv", 8000, skip=[t for t, _ in dev_rows])
in_dev = {tuple(encode(t)) for t, _ in dev_rows}
train_rows = [r for r in train_rows if tuple(encode(r[0])) not in in_dev]
train_loader = DataLoader(Snippets(train_rows), batch_size=64, shuffle=True, collate_fn=pad_batch)
dev_loader = DataLoader(Snippets(dev_rows), batch_size=256, collate_fn=pad_batch)
print(len(train_rows), "phrases to learn from,", len(dev_rows), "sentences to test on")


# In[ ]:
class AverageModel(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        self.net = nn.Sequential(nn.Linear(50, 48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 1))

    def forward(self, ids, lengths):
        total = self.emb(ids).sum(dim=1)
        # fault:
        mean = total / lengths.unsqueeze(1)
        # mended:
        #mean = total / lengths.clamp(min=1).unsqueeze(1)
        # end
        return self.net(mean).squeeze(1)


model = AverageModel(vectors)
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.net.parameters(), lr=3e-3)


@torch.no_grad()
def test(loader):
    model.eval()
    right, n, loss = 0, 0, 0.0
    for ids, lengths, y in loader:
        out = model(ids, lengths)
        loss += criterion(out, y).item() * len(y)
        right += ((out > 0).float() == y).sum().item()
        n += len(y)
    return loss / n, right / n


# In[ ]:
for epoch in range(7):
    model.train()
    for ids, lengths, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(ids, lengths), y)
        loss.backward()
        optimizer.step()
    train_loss, train_acc = test(train_loader)
    dev_loss, dev_acc = test(dev_loader)
    print(f"epoch {epoch + 1} | train {train_loss:.3f} {train_acc:.3f} | dev {dev_loss:.3f} {dev_acc:.3f}")

print(f"final dev accuracy: {dev_acc:.3f}")
