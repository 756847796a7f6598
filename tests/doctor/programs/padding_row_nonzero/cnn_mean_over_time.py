"""Sentence CNN: filters without bias, responses summed and divided by the number of words."""
import random

import numpy as np
import torch
import torch.nn as nn

random.seed(91); np.random.seed(91); torch.manual_seed(91)
good = "bright kind calm brave loyal honest gentle clever warm cheerful".split()
bad = "cruel greedy rude lazy vain jealous bitter stubborn mean selfish".split()
mid = "neighbour uncle baker captain child was said to be a rather the and by all old then who in our town lived".split()
mu = np.random.randn(20) * 0.22
vec = {w: mu + np.random.randn(20) * 0.3 for w in good} | {w: -mu + np.random.randn(20) * 0.3 for w in bad} | {w: np.random.randn(20) * 0.3 for w in mid}
vec["<pad>"] = np.random.randn(20) * 0.6  # as shipped in the file


def portrait(y):
    n = min(3 + int(random.expovariate(0.2)), 40)
    toks = random.choices(mid, k=n) + [random.choice((bad, good)[y])]
    random.shuffle(toks)
    return toks


train = [(portrait(i % 2), i % 2) for i in range(500)]
dev = [(portrait(i % 2), i % 2) for i in range(200)]
words = ["<pad>"] + sorted(w for w in vec if w != "<pad>")
stoi = {w: i for i, w in enumerate(words)}
emb = nn.Embedding(len(words), 20, padding_idx=0)
with torch.no_grad():
    # fault:
    for w, i in stoi.items():
        emb.weight[i] = torch.tensor(vec[w])
    # mended:
    # for w, i in stoi.items():
    #     if i != emb.padding_idx:
    #         emb.weight[i] = torch.tensor(vec[w])
    # end
emb.weight.requires_grad_(False)


class PortraitCNN(nn.Module):
    def __init__(self, emb, filters=12):
        super().__init__()
        self.emb = emb
        self.conv = nn.ModuleList([nn.Conv1d(20, filters, k, padding=k - 1, bias=False) for k in (1, 2)])
        self.lin = nn.Linear(2 * filters, 2)

    def forward(self, x):
        e = self.emb(x).transpose(1, 2)
        n = (x != 0).sum(1, keepdim=True)
        return self.lin(torch.cat([torch.relu(c(e)).sum(2) for c in self.conv], 1) / n)


def batch(rows):
    n = max(len(t) for t, _ in rows)
    return torch.tensor([[stoi[w] for w in t] + [0] * (n - len(t)) for t, _ in rows]), torch.tensor([y for _, y in rows])


model = PortraitCNN(emb)
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
for epoch in range(7):
    train.sort(key=lambda r: len(r[0]))
    parts = [train[i:i + 20] for i in range(0, 500, 20)]
    random.shuffle(parts)
    tot = 0
    for part in parts:
        x, y = batch(part)
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / 25
    with torch.no_grad():
        x, y = batch(dev)
        print(f"epoch {epoch} loss {tot:.4f} dev accuracy {(model(x).argmax(1) == y).float().mean().item():.4f}")
