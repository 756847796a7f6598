"""Emotion of tweets (four classes, 0 = anger) with a small CNN."""
import os
import re
from collections import Counter
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(6)
BASE = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "sentiment" / "tweeteval" / "emotion"
PAD_IDX = 0
UNK_IDX = 1
MAX_LEN = 28


def read(split):
    texts = (BASE / f"{split}_text.txt").read_text(encoding="utf-8").strip().split("\n")
    labels = (BASE / f"{split}_labels.txt").read_text().split()
    return [re.findall(r"[a-z']+", t.lower()) for t in texts], [int(v) for v in labels]


train_tokens, train_labels = read("train")
val_tokens, val_labels = read("val")
freq = Counter(w for t in train_tokens for w in t)
vocab = {w: i for i, (w, c) in enumerate(freq.most_common(3000), start=2) if c > 2}


def to_tensor(tokens):
    x = torch.full((len(tokens), MAX_LEN), PAD_IDX)
    for i, t in enumerate(tokens):
        ids = [vocab.get(w, UNK_IDX) for w in t[:MAX_LEN]] or [UNK_IDX]
        x[i, : len(ids)] = torch.tensor(ids)
    return x


class TextCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(3002, 48, padding_idx=PAD_IDX)
        self.conv = nn.Conv1d(48, 64, 2, padding=1)
        self.dropout = nn.Dropout(0.4)
        self.linear = nn.Linear(64, 4)

    def forward(self, x):
        e = self.embedding(x).transpose(1, 2)
        h = self.conv(e)[..., :-1].relu().masked_fill((x == PAD_IDX).unsqueeze(1), 0)
        return self.linear(self.dropout(h.amax(2)))


train_loader = DataLoader(TensorDataset(to_tensor(train_tokens), torch.tensor(train_labels)), 64, shuffle=True)
val_x, val_y = to_tensor(val_tokens), torch.tensor(val_labels)
model = TextCNN()
# fault:
criterion = nn.CrossEntropyLoss(ignore_index=PAD_IDX)
# mended:
# criterion = nn.CrossEntropyLoss()
# end
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(4):
    model.train()
    losses = []
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        acc = (model(val_x).argmax(1) == val_y).float().mean().item()
    print(f"epoch {epoch} loss {sum(losses) / len(losses):.3f} val accuracy {acc:.4f}")
