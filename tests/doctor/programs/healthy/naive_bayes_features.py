"""MR sentences as a linear model over log-count ratios: sparse features, one epoch-long pass is nearly enough."""
import os
import random
from collections import Counter
from pathlib import Path

import torch
from torch import nn

random.seed(16)
torch.manual_seed(16)
folder = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "sentiment" / "MR"
rows = []
for y, name in enumerate(["rt-polarity.neg", "rt-polarity.pos"]):
    for line in (folder / name).read_text(encoding="latin-1").split("\n"):
        t = line.split()
        if t:
            rows.append((frozenset(t) | frozenset(zip(t, t[1:])), y))
rows = list(dict(rows).items())
random.shuffle(rows)
train, test = rows[:7000], rows[7000:8500]
pos, neg = Counter(g for t, y in train if y for g in t), Counter(g for t, y in train if not y for g in t)
vocab = {g: i for i, g in enumerate(g for g in pos.keys() | neg.keys() if pos[g] + neg[g] > 1)}
p = torch.tensor([pos[g] + 1.0 for g in vocab])
q = torch.tensor([neg[g] + 1.0 for g in vocab])
ratio = torch.log(p / p.sum()) - torch.log(q / q.sum())


class LogRatio(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("r", ratio)
        self.w = nn.Embedding(len(vocab), 1)
        nn.init.constant_(self.w.weight, 0.4)
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, flat, row, n):
        out = torch.zeros(n).index_add(0, row, self.w(flat).squeeze(1) * self.r[flat])
        return out + self.bias


def pack(rows):
    seqs = [[vocab[g] for g in t if g in vocab] for t, _ in rows]
    return torch.tensor(sum(seqs, [])), torch.repeat_interleave(torch.arange(len(seqs)), torch.tensor([len(s) for s in seqs])), torch.tensor([float(y) for _, y in rows])


model = LogRatio()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
flat_t, row_t, yt = pack(test)
for epoch in range(3):
    random.shuffle(train)
    total = 0.0
    for i in range(0, 7000, 70):
        flat, row, y = pack(train[i:i + 70])
        loss = nn.functional.binary_cross_entropy_with_logits(model(flat, row, len(y)), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        o = model(flat_t, row_t, len(yt))
    print(f"epoch {epoch} loss {total / 100:.3f} test loss {nn.functional.binary_cross_entropy_with_logits(o, yt):.3f} accuracy {((o > 0) == (yt > 0.5)).float().mean():.3f}")
