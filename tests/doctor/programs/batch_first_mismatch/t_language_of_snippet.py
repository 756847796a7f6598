# Week 6 lab - which of four languages is this 16-character snippet? (Multi30k captions)
import gzip
import os
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(6)
torch.manual_seed(6)

LANGS = ["en", "de", "fr", "cs"]
LENGTH = 16
folder = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def snippets(split, lang, n):
    res = []
    with gzip.open(os.path.join(folder, f"{split}.{lang}.gz"), "rt", encoding="utf-8") as f:
        for line in f:
            line = line.strip().lower()
            if len(line) > LENGTH + 12:
                start = random.randrange(len(line) - LENGTH)
                res.append(line[start:start + LENGTH])
            if len(res) == n:
                break
    return res


train_rows = [(s, k) for k, l in enumerate(LANGS) for s in snippets("train", l, 800)]
val_rows = [(s, k) for k, l in enumerate(LANGS) for s in snippets("val", l, 250)]
chars = sorted({c for s, _ in train_rows for c in s})
stoi = {c: i + 1 for i, c in enumerate(chars)}      # 0: a character never seen


def tensors(rows):
    x = torch.tensor([[stoi.get(c, 0) for c in s] for s, _ in rows])
    return TensorDataset(x, torch.tensor([k for _, k in rows]))


train_loader = DataLoader(tensors(train_rows), batch_size=32, shuffle=True)
val_loader = DataLoader(tensors(val_rows), batch_size=100)


class SnippetGRU(nn.Module):
    def __init__(self, n_chars, emb=16, hid=24):
        super().__init__()
        self.emb = nn.Embedding(n_chars, emb)
        # fault:
        self.rnn = nn.GRU(emb, hid)
        # mended:
        # self.rnn = nn.GRU(emb, hid, batch_first=True)
        # end
        self.fc = nn.Linear(hid, len(LANGS))

    def forward(self, x):
        states, _ = self.rnn(self.emb(x))
        return self.fc(states[:, -1])       # all snippets are equally long


model = SnippetGRU(len(chars) + 1)
optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
loss_fn = nn.CrossEntropyLoss()

for epoch in range(1, 5):
    model.train()
    losses = []
    for xb, yb in train_loader:
        loss = loss_fn(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    hit = n = 0
    with torch.no_grad():
        for xb, yb in val_loader:
            hit += (model(xb).argmax(-1) == yb).sum().item()
            n += len(yb)
    print(f"epoch {epoch}: train loss {sum(losses) / len(losses):.3f}, validation accuracy {hit / n:.3f}")
