"""IMDB reviews, positive/negative (the last 100 content words), on top of GloVe (50d). Assignment 2, part b."""
import gzip
import os
import re

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
from torch.utils.data import DataLoader, Dataset

root = os.environ["WORDFIT_DATA"]
torch.manual_seed(5)

# ---- vectors -------------------------------------------------------------
stoi = {"<pad>": 0}
vectors = [np.zeros(50, dtype=np.float32)]
with gzip.open(os.path.join(root, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as fh:
    for line in fh:
        word, *nums = line.rstrip().split(" ")
        stoi[word] = len(vectors)
        vectors.append(np.asarray(nums, dtype=np.float32))
vectors = torch.from_numpy(np.stack(vectors))


# ---- data: the reviews as they come in the archive -------------------------
def read_reviews(name, step):
    out = []
    with gzip.open(os.path.join(root, "sentiment", "imdb", name), "rt", encoding="utf8") as fh:
        for i, line in enumerate(fh):
            fields = line.rstrip("\n").split("\t")
            if i % step or fields[0] not in ("0", "1", "neg", "pos"):
                continue
            tokens = re.findall(r"[a-z]+|[!?]", fields[3].lower().replace("<br />", " "))
            ids = [stoi[t] for t in tokens if t in stoi and t not in ENGLISH_STOP_WORDS][-100:]
            if ids:
                out.append((ids, int(fields[0] in ("1", "pos"))))
    return out


class Reviews(Dataset):
    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate_fn(batch):
    n = max(len(ids) for ids, _ in batch)
    x = torch.zeros(len(batch), n, dtype=torch.long)
    for row, (ids, _) in enumerate(batch):
        x[row, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([label for _, label in batch])


train_data = Reviews(read_reviews("train.tsv.gz", 7))
test_data = Reviews(read_reviews("test.tsv.gz", 20))
# fault:
train_loader = DataLoader(train_data, batch_size=32, collate_fn=collate_fn)
# mended:
#train_loader = DataLoader(train_data, batch_size=32, shuffle=True, collate_fn=collate_fn)
# end
test_loader = DataLoader(test_data, batch_size=400, collate_fn=collate_fn)
print(len(train_data), "training reviews,", len(test_data), "test reviews")


# ---- model ---------------------------------------------------------------
class MeanMLP(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.norm = nn.LayerNorm(table.shape[1])
        self.fc1 = nn.Linear(table.shape[1], 48)
        self.dropout = nn.Dropout(0.3)
        self.fc2 = nn.Linear(48, 2)

    def forward(self, x):
        mask = (x != 0).unsqueeze(-1)
        e = self.embedding(x)
        mean = (e * mask).sum(1) / mask.sum(1)
        h = self.norm(mean)
        return self.fc2(self.dropout(F.relu(self.fc1(h))))


def test(model):
    model.eval()
    correct, loss = 0, 0.0
    with torch.no_grad():
        for x, y in test_loader:
            out = model(x)
            loss += F.cross_entropy(out, y, reduction="sum").item()
            correct += (out.argmax(1) == y).sum().item()
    return loss / len(test_data), correct / len(test_data)


model = MeanMLP(vectors)
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.006)
for epoch in range(1, 7):
    model.train()
    seen, good, total = 0, 0, 0.0
    for x, y in train_loader:
        optimizer.zero_grad()
        out = model(x)
        loss = F.cross_entropy(out, y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        good += (out.argmax(1) == y).sum().item()
        seen += len(y)
    test_loss, test_acc = test(model)
    print(f"[{epoch}] train loss {total / seen:.3f} acc {good / seen:.3f} | test loss {test_loss:.3f} acc {test_acc:.3f}")
