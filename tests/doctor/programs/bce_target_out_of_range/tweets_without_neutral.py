"""Positive or negative tweet. The neutral ones are dropped."""
import os
import random
import re
from collections import Counter

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(0)
FOLDER = os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "sentiment/tweeteval/sentiment")


def load(split):
    texts = open(f"{FOLDER}/{split}_text.txt", encoding="utf-8").read().splitlines()
    labels = [int(v) for v in open(f"{FOLDER}/{split}_labels.txt", encoding="utf-8").read().split()]
    pairs = [(re.findall(r"[a-z']+", t.lower()), y) for t, y in zip(texts, labels)]
    return [(t, y) for t, y in pairs if y != 1 and len(t) > 2]  # 0 negative, 1 neutral, 2 positive


rows = list({tuple(t): (t, y) for t, y in load("test") + load("val")}.values())
random.Random(0).shuffle(rows)
train, dev = rows[:6000], rows[6000:7000]
freq = Counter(w for t, _ in train for w in t)
stoi = {w: i + 2 for i, (w, c) in enumerate(freq.most_common(6000)) if c > 2}


class Tweets(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        t, y = self.rows[i]
        # fault:
        return torch.tensor([stoi.get(w, 1) for w in t[:40]]), float(y)
        # mended:
        # return torch.tensor([stoi.get(w, 1) for w in t[:40]]), float(y == 2)
        # end


def collate(batch):
    x = nn.utils.rnn.pad_sequence([b[0] for b in batch], batch_first=True)
    return {"ids": x, "mask": (x != 0).float(), "label": torch.tensor([b[1] for b in batch])}


class MeanClassifier(nn.Module):
    def __init__(self, n_words, dim=32):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim, padding_idx=0)
        nn.init.normal_(self.emb.weight[1:], std=0.1)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(dim, 1)

    def forward(self, ids, mask):
        mean = (self.emb(ids) * mask.unsqueeze(2)).sum(1) / mask.sum(1, keepdim=True)
        return self.fc(self.drop(mean)).squeeze(1)


model = MeanClassifier(len(stoi) + 2)
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
train_loader = DataLoader(Tweets(train), batch_size=64, shuffle=True, collate_fn=collate)
dev_loader = DataLoader(Tweets(dev), batch_size=256, collate_fn=collate)
for epoch in range(3):
    model.train()
    total = 0
    for b in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(b["ids"], b["mask"]), b["label"])
        loss.backward()
        optimizer.step()
        total += loss.item()
    model.eval()
    hits = n = 0
    with torch.no_grad():
        for b in dev_loader:
            pred = (torch.sigmoid(model(b["ids"], b["mask"])) > 0.5).float()
            hits += (pred == b["label"]).sum().item()
            n += len(pred)
    print(f"epoch {epoch} train loss {total / len(train_loader):.4f} dev accuracy {hits / n:.4f}")
