"""Language identification of short captions (en/de/fr/cs) with a character CNN."""
import gzip
import os
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

random.seed(13)
torch.manual_seed(13)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
MAXLEN = 48


def read(split, lang, n):
    with gzip.open(os.path.join(ROOT, f"{split}.{lang}.gz"), "rt", encoding="utf-8") as f:
        lines = [l.strip().lower() for l in f]
    lines = [l for l in dict.fromkeys(lines) if len(l) > 10]
    return lines[:n]


train = [(s, i) for i, l in enumerate(LANGS) for s in read("train", l, 500)]
valid = [(s, i) for i, l in enumerate(LANGS) for s in read("val", l, 150)]
seen = {s for s, _ in train}
valid = [(s, i) for s, i in valid if s not in seen]
chars = sorted({c for s, _ in train for c in s})
stoi = {c: k + 2 for k, c in enumerate(chars)}        # 0 = pad, 1 = unknown


def collate(batch):
    x = torch.zeros(len(batch), MAXLEN, dtype=torch.long)
    for r, (s, _) in enumerate(batch):
        ids = [stoi.get(c, 1) for c in s[:MAXLEN]]
        x[r, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in batch])


class CharCNN(nn.Module):
    def __init__(self, n_chars, n_out):
        super().__init__()
        self.emb = nn.Embedding(n_chars, 16, padding_idx=0)
        self.conv = nn.Conv1d(16, 48, kernel_size=4)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(48, n_out)

    def forward(self, x):
        keep = (x != 0).unfold(1, 4, 1).any(-1)          # windows that touch real text
        h = F.relu(self.conv(self.emb(x).transpose(1, 2)))
        h = h.masked_fill(~keep.unsqueeze(1), 0.0).amax(-1)
        return self.fc(self.drop(h))


def accuracy(model, loader):
    model.eval()
    good = n = 0
    with torch.no_grad():
        for x, y in loader:
            good += (model(x).argmax(1) == y).sum().item()
            n += len(y)
    return good / n


train_dl = DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)
train_eval = DataLoader(train, batch_size=200, collate_fn=collate)
valid_dl = DataLoader(valid, batch_size=200, collate_fn=collate)
net = CharCNN(len(stoi) + 2, len(LANGS))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(4):
    net.train()
    total = 0.0
    for x, y in train_dl:
        opt.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    print(f"epoch {epoch + 1}: loss {total / len(train):.4f}  train acc {accuracy(net, train_eval):.3f}  "
          f"valid acc {accuracy(net, valid_dl):.3f}")
