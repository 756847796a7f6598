"""N-gram language model on Brown-like text."""
import gzip
import math
import os
import random
import re
from collections import Counter
from pathlib import Path

import torch
from torch import nn

random.seed(203)
torch.manual_seed(203)
path = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "seq2seq" / "multi30k" / "val.en.gz"
with gzip.open(path, "rt", encoding="utf-8") as f:
    captions = [re.findall(r"\w+", line.lower()) for line in f]
random.shuffle(captions)
counts = Counter(w for c in captions for w in c)
vocab = {w: i + 2 for i, (w, _) in enumerate(counts.most_common(300))}


def windows(sents, n=3):
    x, y = [], []
    for s in sents:
        ids = [0] * n + [vocab.get(w, 1) for w in s]
        for k in range(n, len(ids)):
            if ids[k] != 1:
                x.append(ids[k - n : k])
                y.append(ids[k])
    return torch.tensor(x), torch.tensor(y)


class Bengio(nn.Module):
    def __init__(self, size, d=24, h=64):
        super().__init__()
        self.C = nn.Embedding(size, d)
        self.H = nn.Linear(3 * d, h)
        self.U = nn.Linear(h, size)

    def forward(self, x):
        scores = self.U(torch.tanh(self.H(self.C(x).flatten(1))))
        # fault:
        return scores.softmax(dim=-1)
        # mended:
        # return scores
        # end


x, y = windows(captions[:850])
xv, yv = windows(captions[850:])
net = Bengio(len(vocab) + 2)
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(4):
    total = 0.0
    parts = torch.randperm(len(y)).split(64)
    for i in parts:
        loss = nn.functional.cross_entropy(net(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        out = net(xv)
        ppl = math.exp(nn.functional.cross_entropy(out, yv).item())
        top5 = (out.topk(5).indices == yv[:, None]).any(1).float().mean().item()
    print(f"epoch {epoch} loss {total / len(parts):.4f} ppl {ppl:.1f} top-5 {top5:.4f}")
