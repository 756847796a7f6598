"""Fine-grained sentiment (SST-5) with a one-layer Transformer."""
import os
import random
from collections import Counter
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 103
random.seed(SEED)
torch.manual_seed(SEED)
FOLDER = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "sentiment" / "SST-5"


def load(name):
    rows = []
    for line in open(FOLDER / f"stsa.fine.{name}", encoding="utf-8"):
        label, text = line.split(" ", 1)
        rows.append((text.split()[:24], int(label)))
    random.shuffle(rows)
    return rows


train, dev = load("train")[:3000], load("dev")[:500]
counts = Counter(w for t, _ in train for w in t)
vocab = {"<pad>": 0, "<unk>": 1}
for w, c in counts.items():
    if c >= 3:
        vocab[w] = len(vocab)


def encode(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([vocab.get(w, 1) for w in t]) for t, _ in rows], batch_first=True)
    return x, torch.tensor([y for _, y in rows])


class SentimentTransformer(nn.Module):
    def __init__(self, d_model=32, n_classes=5):
        super().__init__()
        self.tok = nn.Embedding(len(vocab), d_model, padding_idx=0)
        self.pos = nn.Embedding(24, d_model)
        self.block = nn.TransformerEncoderLayer(d_model, 2, 64, dropout=0.1, batch_first=True)
        self.fc = nn.Linear(d_model, n_classes)

    def forward(self, x):
        pad = x == 0
        h = self.block(self.tok(x) + self.pos(torch.arange(x.size(1))), src_key_padding_mask=pad)
        h = h.masked_fill(pad.unsqueeze(-1), 0).sum(1) / (~pad).sum(1, keepdim=True)
        # fault:
        return F.softmax(self.fc(h), dim=1)
        # mended:
        # return self.fc(h)
        # end


model = SentimentTransformer()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(4):
    model.train()
    random.shuffle(train)
    seen = []
    for i in range(0, len(train), 40):
        x, y = encode(train[i : i + 40])
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        seen.append(loss.item())
    model.eval()
    with torch.no_grad():
        x, y = encode(dev)
        acc = (model(x).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch}: train loss {sum(seen) / len(seen):.4f}, dev accuracy {acc:.4f}")
