"""Text classifier with smoothed targets, written as a divergence."""
import os
import random
from collections import Counter
from pathlib import Path

import torch
from torch import nn

random.seed(206)
torch.manual_seed(206)
folder = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "sentiment" / "tweeteval" / "emotion"


def load(split):
    texts = (folder / f"{split}_text.txt").read_text(encoding="utf-8").lower().splitlines()
    return [t.split() for t in texts], [int(v) for v in (folder / f"{split}_labels.txt").read_text().split()]


class LabelSmoothing(nn.Module):
    def __init__(self, classes, smoothing):
        super().__init__()
        self.criterion = nn.KLDivLoss(reduction="batchmean")
        self.confidence, self.rest = 1 - smoothing, smoothing / (classes - 1)

    def forward(self, x, target):
        true_dist = torch.full_like(x, self.rest)
        true_dist.scatter_(1, target.unsqueeze(1), self.confidence)
        return self.criterion(x, true_dist)


class Generator(nn.Module):
    def __init__(self, d, n):
        super().__init__()
        self.proj = nn.Linear(d, n)

    def forward(self, h):
        # fault:
        return torch.softmax(self.proj(h), dim=-1)
        # mended:
        # return torch.log_softmax(self.proj(h), dim=-1)
        # end


tokens, labels = load("train")
dev_tokens, dev_labels = load("val")
vocab = {w: i + 1 for i, (w, c) in enumerate(Counter(w for t in tokens for w in t).most_common(4000)) if c > 1}


def to_ids(tokens):
    return nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in t if w in vocab] or [0]) for t in tokens], batch_first=True)


X, Y = to_ids(tokens), torch.tensor(labels)
XD, YD = to_ids(dev_tokens), torch.tensor(dev_labels)
bag, generator = nn.EmbeddingBag(4002, 40, padding_idx=0), Generator(40, 4)
criterion = LabelSmoothing(4, 0.1)
opt = torch.optim.Adam([*bag.parameters(), *generator.parameters()], lr=5e-3)
for epoch in range(5):
    total = 0.0
    for i in torch.randperm(len(Y)).split(50):
        loss = criterion(generator(bag(X[i])), Y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(i)
    with torch.no_grad():
        acc = (generator(bag(XD)).argmax(1) == YD).float().mean().item()
    print(f"epoch {epoch} loss {total / len(Y):.4f} dev accuracy {acc:.4f}")
