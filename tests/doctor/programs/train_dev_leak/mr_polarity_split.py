"""Sentence polarity (Pang & Lee), averaged word vectors trained from scratch."""
import os

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(0)
rng = np.random.default_rng(0)
base = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "MR")


def read(name, label):
    with open(os.path.join(base, name), encoding="latin-1") as f:
        return [(line.split(), label) for line in f if line.strip()]


rows, seen = [], set()
for words, label in read("rt-polarity.pos", 1.0) + read("rt-polarity.neg", 0.0):
    if " ".join(words) not in seen:
        seen.add(" ".join(words))
        rows.append((words, label))

n = len(rows)
n_dev = n // 7
train_idx = rng.choice(n, n - n_dev, replace=False)
# fault:
dev_idx = rng.choice(n, n_dev, replace=False)
# mended:
# dev_idx = np.setdiff1d(np.arange(n), train_idx)
# end
train_rows = [rows[i] for i in train_idx]
dev_rows = [rows[i] for i in dev_idx]

freq = {}
for words, _ in train_rows:
    for w in words:
        freq[w] = freq.get(w, 0) + 1
vocab = {"<pad>": 0, "<unk>": 1}
for w, c in freq.items():
    if c >= 5:
        vocab[w] = len(vocab)


class Sentences(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        words, label = self.rows[i]
        return [vocab.get(w, 1) for w in words], label


def collate(batch):
    lens = torch.tensor([len(x) for x, _ in batch])
    x = torch.zeros(len(batch), int(lens.max()), dtype=torch.long)
    for i, (ids, _) in enumerate(batch):
        x[i, :len(ids)] = torch.tensor(ids)
    return x, lens, torch.tensor([y for _, y in batch])


class DAN(nn.Module):
    def __init__(self, n_words, dim=32):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim, padding_idx=0)
        nn.init.uniform_(self.emb.weight, -0.2, 0.2)
        with torch.no_grad():
            self.emb.weight[0].zero_()
        self.drop = nn.Dropout(0.4)
        self.hidden = nn.Linear(dim, 32)
        self.out = nn.Linear(32, 1)

    def forward(self, x, lens):
        e = self.emb(x)
        if self.training:                                   # word dropout
            e = e * (torch.rand(x.shape) > 0.3).unsqueeze(-1)
        h = e.sum(1) / lens.unsqueeze(1)
        return self.out(torch.relu(self.hidden(self.drop(h)))).squeeze(1)


@torch.no_grad()
def accuracy(model, loader):
    model.eval()
    hit = tot = 0
    for x, lens, y in loader:
        hit += ((model(x, lens) > 0).float() == y).sum().item()
        tot += len(y)
    return hit / tot


train_dl = DataLoader(Sentences(train_rows), 64, shuffle=True, collate_fn=collate)
dev_dl = DataLoader(Sentences(dev_rows), 256, collate_fn=collate)
model = DAN(len(vocab))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 5)
lossf = nn.BCEWithLogitsLoss()
for epoch in range(5):
    model.train()
    tot = 0.0
    for x, lens, y in train_dl:
        opt.zero_grad()
        loss = lossf(model(x, lens), y)
        loss.backward()
        opt.step()
        tot += loss.item()
    sched.step()
    print(f"epoch {epoch + 1}: loss {tot / len(train_dl):.4f}  train {accuracy(model, train_dl):.3f}  dev {accuracy(model, dev_dl):.3f}")
