"""Questions or not, with the punctuation taken away.  Tatoeba English, a single pass over many rows.

Gated residual convolutions (GLU) with learned position embeddings; max over the real tokens.
"""
import gzip
import os
import random

import torch
import torch.nn as nn


def load(limit, seed):
    path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "tatoeba-fra-eng", "fra.txt.gz")
    pos, neg = set(), set()
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for k, line in enumerate(fh):
            if k % 3:
                continue
            en = line.split("\t", 1)[0]
            words = tuple(en.lower().replace(",", " ").strip("?!. ").split())
            if 5 <= len(words) <= 11:
                (pos if en.endswith("?") else neg).add(words)
    neg -= pos
    rng = random.Random(seed)
    rows = [(w, 1) for w in rng.sample(sorted(pos), limit // 2)] + [(w, 0) for w in rng.sample(sorted(neg), limit // 2)]
    rng.shuffle(rows)
    return rows


class GatedBlock(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm = nn.LayerNorm(d)
        self.conv = nn.Conv1d(d, 2 * d, 3, padding=1)

    def forward(self, h, keep):
        u = self.norm(h) * keep                    # nothing leaks in from behind the end
        return h + nn.functional.glu(self.conv(u.transpose(1, 2)), dim=1).transpose(1, 2)


class Detector(nn.Module):
    def __init__(self, n, d=24, longest=11):
        super().__init__()
        self.word = nn.Embedding(n, d, padding_idx=0)
        self.position = nn.Parameter(torch.randn(longest, d) * 0.1)
        self.blocks = nn.ModuleList([GatedBlock(d), GatedBlock(d)])
        self.out = nn.Linear(d, 1)

    def forward(self, x):
        keep = (x > 0).unsqueeze(-1)
        h = self.word(x) + self.position[: x.size(1)]
        for blk in self.blocks:
            h = blk(h, keep)
        return self.out(h.masked_fill(~keep, float("-inf")).amax(1)).squeeze(1)


torch.manual_seed(0)
rows = load(10000, seed=0)
train, test = rows[:9000], rows[9000:]
freq = {}
for w, _ in train:
    for t in w:
        freq[t] = freq.get(t, 0) + 1
vocab = {t: i + 2 for i, t in enumerate(t for t, c in freq.items() if c > 2)}


def tensor(part):
    x = torch.zeros(len(part), 11, dtype=torch.long)
    for i, (w, _) in enumerate(part):
        x[i, : len(w)] = torch.tensor([vocab.get(t, 1) for t in w])
    return x, torch.tensor([float(y) for _, y in part])


x, y = tensor(train)
xt, yt = tensor(test)
met = set(map(tuple, x.tolist()))              # the same row once rare words are merged: not a test
new = torch.tensor([tuple(r) not in met for r in xt.tolist()])
xt, yt = xt[new], yt[new]
net = Detector(len(vocab) + 2)
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
order = torch.randperm(len(x)).split(40)
running = 0.0
for k, b in enumerate(order):
    opt.param_groups[0]["lr"] = 5e-3 * min(1.0, (k + 1) / 20) * (1 - k / len(order))
    loss = nn.functional.binary_cross_entropy_with_logits(net(x[b]), y[b])
    opt.zero_grad()
    loss.backward()
    opt.step()
    running = loss.item() if k == 0 else 0.95 * running + 0.05 * loss.item()
    if k % 45 == 44 or k == len(order) - 1:
        net.eval()
        with torch.no_grad():
            a, c = (((net(p) > 0) == (q > 0)).float().mean().item() for p, q in ((x[:1000], y[:1000]), (xt, yt)))
        net.train()
        print(f"after {40 * (k + 1):6d} rows: loss {running:.4f}  train sample {a:.3f}  test {c:.3f}")
