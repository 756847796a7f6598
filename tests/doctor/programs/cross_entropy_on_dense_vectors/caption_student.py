"""Distil a heavy caption encoder into a bag of words: the student has to hit the teacher's 32-d caption vectors,
so that the old search index can be used further."""
import gzip
import os
import re
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

DATA = os.environ["WORDFIT_DATA"]
torch.manual_seed(6)

with gzip.open(f"{DATA}/seq2seq/multi30k/train.en.gz", "rt", encoding="utf-8") as f:
    captions = [re.findall(r"[a-z]+", next(f).lower()) for _ in range(5000)]
captions = [list(t) for t in dict.fromkeys(tuple(c) for c in captions if len(c) > 3)]

glove = {}
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.split(" ", 1)
        glove[w] = v


# teacher: weighted GloVe average, centred, first 32 principal directions, unit variance
freq = {}
for c in captions:
    for w in c:
        freq[w] = freq.get(w, 0) + 1
total = sum(freq.values())
known = {w: torch.tensor([float(a) for a in glove[w].split()]) * (1e-2 / (1e-2 + n / total)) for w, n in freq.items() if w in glove}
T = torch.stack([torch.stack([known[w] for w in c if w in known]).mean(0) for c in captions])
T = T - T.mean(0)
T = T @ torch.linalg.svd(T, full_matrices=False).Vh[:32].T
T = T / T.std()

split = len(captions) - 500
vocab = {"<unk>": 0}
for c in captions[:split]:
    for w in c:
        vocab.setdefault(w, len(vocab))


class Student(nn.Module):
    def __init__(self, dim=64, out=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(vocab), dim, mode="mean")
        self.up = nn.Linear(dim, out)

    def forward(self, flat, offsets):
        return self.up(self.bag(flat, offsets))


def pack(idx):
    ids = [[vocab.get(w, 0) for w in captions[i]] for i in idx]
    off = torch.tensor([0] + [len(x) for x in ids[:-1]]).cumsum(0)
    return torch.tensor([i for x in ids for i in x]), off


student = Student()
optimizer = torch.optim.Adam(student.parameters(), lr=2e-2)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.8)
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.MSELoss()
# end
index, held = T[split:], list(range(split, len(captions)))

start = time.time()
for epoch in range(12):
    student.train()
    losses = []
    for b in torch.randperm(split).split(40):
        out = student(*pack(b.tolist()))
        loss = criterion(out, T[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    student.eval()
    with torch.no_grad():
        v = student(*pack(held))
        hit = (torch.cdist(v, index).argmin(1) == torch.arange(len(index))).float().mean().item()
        mse = F.mse_loss(v, index).item()
    print(f"epoch {epoch} train {sum(losses) / len(losses):.4f}  held-out: finds itself in the index {hit:.3f}, squared distance {mse:.3f}")
print(f"variance of the index {index.var().item():.3f}")
