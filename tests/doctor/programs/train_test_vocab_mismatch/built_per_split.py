"""Anger, joy or sadness in tweets; the same preparation for every split."""
import os
import re
from collections import Counter
from pathlib import Path

import torch
from torch import nn

torch.manual_seed(16)
folder = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "sentiment" / "tweeteval" / "emotion"
KEEP = {"0": 0, "1": 1, "3": 2}
SIZE = 4000


def read(split):
    texts = (folder / f"{split}_text.txt").read_text(encoding="utf-8").splitlines()
    labels = (folder / f"{split}_labels.txt").read_text(encoding="utf-8").split()
    return [(re.findall(r"[#a-z']+", t.lower()), KEEP[y]) for t, y in zip(texts, labels) if y in KEEP]


def make_vocab(rows):
    counts = Counter(w for t, _ in rows for w in t)
    return {w: i + 2 for i, (w, _) in enumerate(counts.most_common(SIZE))}


def prepare(split, vocab=None):
    rows = read(split)
    vocab = make_vocab(rows) if vocab is None else vocab
    seqs = [torch.tensor([vocab.get(w, 1) for w in t] or [1]) for t, _ in rows]
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True), torch.tensor([y for _, y in rows]), vocab


class Tweets(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(SIZE + 2, 32, padding_idx=0)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(32, 3)

    def forward(self, x):
        return self.out(self.drop(self.emb(x).sum(1) / (x > 0).sum(1, keepdim=True)))


x, y, vocab = prepare("train")
# fault:
xt, yt, _ = prepare("test")
# mended:
# xt, yt, _ = prepare("test", vocab)
# end
model = Tweets()
weight = len(y) / (3 * torch.bincount(y).float())
criterion = nn.CrossEntropyLoss(weight=weight)
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
for epoch in range(7):
    model.train()
    for b in torch.randperm(len(y)).split(64):
        loss = criterion(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        p = model(xt).argmax(1)
        recall = sum((p[yt == k] == k).float().mean().item() for k in range(3)) / 3
    print(f"epoch {epoch} loss {loss.item():.3f} macro recall {recall:.3f}")
