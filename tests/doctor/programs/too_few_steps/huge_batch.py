"""SICK: entailment, neutral or contradiction? Sum of word vectors per sentence, difference and product into a net."""
import os
import random
import re

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(11)
torch.manual_seed(11)
# fault:
BATCH = 4096
# mended:
# BATCH = 32
# end
EPOCHS = 5
where = os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "glue", "SICK")
KIND = {"ENTAILMENT": 0, "NEUTRAL": 1, "CONTRADICTION": 2}


def read(name):
    rows = []
    with open(os.path.join(where, name), encoding="utf-8") as f:
        next(f)
        for line in f:
            _, a, b, _, kind = line.strip().split("\t")[:5]
            rows.append((re.findall(r"\w+", a.lower()), re.findall(r"\w+", b.lower()), KIND[kind]))
    return rows


train, dev = read("SICK_train.txt"), read("SICK_test_annotated.txt")[:1500]
stoi = {"<pad>": 0, "<unk>": 1}
for a, b, _ in train:
    for w in a + b:
        stoi.setdefault(w, len(stoi))


def tensors(rows):
    def pad(k):
        return nn.utils.rnn.pad_sequence([torch.tensor([stoi.get(w, 1) for w in r[k]]) for r in rows], batch_first=True)
    return TensorDataset(pad(0), pad(1), torch.tensor([r[2] for r in rows]))


class Pairs(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(stoi), 48, padding_idx=0)
        self.f = nn.Sequential(nn.Linear(48 * 2, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 3))

    def forward(self, a, b):
        u, v = self.e(a).sum(1), self.e(b).sum(1)
        return self.f(torch.cat([(u - v).abs(), u * v / 10], 1))


net = Pairs()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
loader = DataLoader(tensors(train), BATCH, shuffle=True)
a, b, y = tensors(dev).tensors
for epoch in range(EPOCHS):
    net.train()
    for xa, xb, t in loader:
        loss = nn.functional.cross_entropy(net(xa, xb), t)
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        print(f"epoch {epoch} loss {loss.item():.4f} dev accuracy {(net(a, b).argmax(1) == y).float().mean().item():.4f}")
