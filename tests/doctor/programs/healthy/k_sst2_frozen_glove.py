"""Baseline for the reading group: SST-2 sentences, GloVe 50d kept fixed, small attention pooling on top.

Vectors are frozen on purpose, we want to know what the static vectors alone can give us.
"""
import gzip
import os
import random
import time

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader

ROOT = os.environ["WORDFIT_DATA"]
SEED = 13
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)


def read_split(name):
    rows = []
    with open(f"{ROOT}/sentiment/SST-2-sentences/stsa.binary.{name}", encoding="utf-8", errors="replace") as fh:
        for line in fh:
            y, text = line.rstrip("\n").split(" ", 1)
            rows.append((text.lower().split(), int(y)))
    return rows


train, dev = read_split("train"), read_split("dev")
seen = {" ".join(t) for t, _ in dev}
train = [r for r in train if " ".join(r[0]) not in seen]

needed = {w for t, _ in train + dev for w in t}
stoi, rows = {"<pad>": 0, "<unk>": 1}, [np.zeros(50, "f4"), np.zeros(50, "f4")]
with gzip.open(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for line in fh:
        w, rest = line.rstrip("\n").split(" ", 1)
        if w in needed and w not in stoi:
            stoi[w] = len(rows)
            rows.append(np.array(rest.split(" "), dtype="f4"))
table = torch.tensor(np.stack(rows))
print(f"{len(train)} train, {len(dev)} dev, {len(stoi)} words with a vector")


def encode(rows):
    out = []
    for toks, y in rows:
        ids = [stoi[w] for w in toks if w in stoi][:30]      # words without a vector are left out
        out.append((ids or [1], y))
    return out


def pad(batch):
    n = max(len(ids) for ids, _ in batch)
    x = torch.zeros(len(batch), n, dtype=torch.long)
    for i, (ids, _) in enumerate(batch):
        x[i, : len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in batch])


class AttnPool(nn.Module):
    def __init__(self, weight, hidden=32):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(weight, freeze=True, padding_idx=0)
        self.inner = nn.Linear(weight.size(1), hidden)
        self.query = nn.Linear(hidden, 1, bias=False)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(2 * hidden, 2)

    def forward(self, x):
        real = x != 0
        h = torch.relu(self.inner(self.words(x)))
        score = self.query(torch.tanh(h)).squeeze(-1).masked_fill(~real, float("-inf"))
        a = score.softmax(dim=1)
        soft = (a.unsqueeze(-1) * h).sum(1)
        peak = h.masked_fill(~real.unsqueeze(-1), 0.0).amax(1)     # relu, so 0 is the floor anyway
        return self.out(self.drop(torch.cat([soft, peak], 1)))


def accuracy(model, loader):
    model.eval()
    hit = n = 0
    with torch.no_grad():
        for x, y in loader:
            hit += (model(x).argmax(1) == y).sum().item()
            n += len(y)
    return hit / n


train_dl = DataLoader(encode(train), batch_size=64, shuffle=True, collate_fn=pad)
train_eval = DataLoader(encode(train), batch_size=256, collate_fn=pad)
dev_dl = DataLoader(encode(dev), batch_size=256, collate_fn=pad)

model = AttnPool(table)
opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-3, weight_decay=0.01)
EPOCHS = 4
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=6e-3, total_steps=EPOCHS * len(train_dl))
t0 = time.process_time()
for epoch in range(EPOCHS):
    model.train()
    total = 0.0
    for x, y in train_dl:
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        total += loss.item() * len(y)
    print(f"epoch {epoch}  loss {total / len(train):.4f}  dev {accuracy(model, dev_dl):.4f}")
print(f"train accuracy {accuracy(model, train_eval):.4f}, dev accuracy {accuracy(model, dev_dl):.4f}, {time.process_time() - t0:.1f}s")
