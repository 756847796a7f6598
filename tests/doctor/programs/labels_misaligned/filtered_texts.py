"""Tweets about irony-free things: texts and labels lie in two files, one line each (emotion: anger or joy)."""
import os
import random
import re
from pathlib import Path

import torch
import torch.nn as nn

folder = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "sentiment/tweeteval/emotion"
random.seed(10); torch.manual_seed(10)


def load(split):
    labels = [int(v) for v in (folder / f"{split}_labels.txt").read_text().split()]
    texts = (folder / f"{split}_text.txt").read_text(encoding="utf-8").splitlines()
    texts = [re.findall(r"[a-z]+", t.lower()) for t in texts]
    # very short tweets are left out
    # fault:
    texts = [t for t in texts if len(t) >= 8]
    # mended:
    # labels = [y for t, y in zip(texts, labels) if len(t) >= 8]
    # texts = [t for t in texts if len(t) >= 8]
    # end
    return [(t, y) for t, y in zip(texts, labels) if y in (0, 1)]


train, dev = load("train"), load("test")
freq = {}
for t, _ in train:
    for w in set(t):
        freq[w] = freq.get(w, 0) + 1
stoi = {w: i + 1 for i, w in enumerate(sorted(w for w, n in freq.items() if n >= 3))}


class BagOfWords(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(stoi) + 1, 16, mode="mean")
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(16, 2)

    def forward(self, flat, offsets):
        return self.fc(self.drop(self.bag(flat, offsets)))


def batch(rows):
    ids = [torch.tensor([stoi[w] for w in t if w in stoi] or [0]) for t, _ in rows]
    return torch.cat(ids), torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0), torch.tensor([y for _, y in rows])


net = BagOfWords()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
weight = torch.bincount(torch.tensor([y for _, y in train])).float().reciprocal()
ce = nn.CrossEntropyLoss(weight=weight / weight.mean())
for epoch in range(8):
    random.shuffle(train)
    net.train()
    losses = []
    for i in range(0, len(train), 40):
        flat, offsets, y = batch(train[i:i + 40])
        loss = ce(net(flat, offsets), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        flat, offsets, y = batch(dev)
        p = net(flat, offsets).argmax(1)
    print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f} balanced accuracy {0.5 * sum((p[y == c] == c).float().mean().item() for c in (0, 1)):.4f}")
