"""Vectors by PPMI and SVD from the first Reuters stories, then a GRU that tells money news from commodity news."""
import gzip
import os
import random
import re

import numpy as np
import torch
from torch import nn

random.seed(2)
torch.manual_seed(2)
stories = []
with gzip.open(os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "corpora", "reuters-21578-bodies.txt.gz"), "rt", encoding="utf-8") as f:
    toks = []
    for line in f:
        toks += re.findall("[a-z]+", line.lower())
        if not line.strip():
            if len(toks) > 8:
                stories.append(toks[:80])
            toks = []
        if len(stories) == 3500:
            break
MONEY, GOODS = {"shr", "profit", "dividend", "shareholders", "stock"}, {"wheat", "crude", "sugar", "coffee", "tonnes", "barrels", "oil", "corn", "gold", "copper", "exports"}
labelled = []
for s in stories:
    m, g = bool(MONEY & set(s)), bool(GOODS & set(s))
    if m != g:
        labelled.append(([w for w in s if w not in MONEY | GOODS][:40], int(g)))
goods = [r for r in labelled if r[1]]
money = random.sample([r for r in labelled if not r[1]], len(goods))
rows = list({" ".join(t): (t, y) for t, y in goods + money}.values())
random.shuffle(rows)

freq = {}
for s in stories:
    for w in s:
        freq[w] = freq.get(w, 0) + 1
words = sorted(freq, key=lambda w: -freq[w])[:600]
col = {w: i for i, w in enumerate(words)}
C = np.ones((600, 600))
for s in stories[:3000]:
    ids = [col[w] for w in s if w in col]
    for a, b in zip(ids, ids[1:]):
        C[a, b] += 1
        C[b, a] += 1
ppmi = np.maximum(np.log(C * C.sum() / np.outer(C.sum(1), C.sum(0))), 0)
u, s, _ = np.linalg.svd(ppmi)
vectors = np.vstack([np.zeros((1, 32)), (u * np.sqrt(s))[:, :32]])


class Desk(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(vectors), padding_idx=0)
        # mended:
        # self.emb = nn.Embedding.from_pretrained(torch.from_numpy(vectors).float(), padding_idx=0)
        # end
        self.rnn = nn.GRU(32, 32, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(64, 1)

    def forward(self, x, n):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        _, h = self.rnn(packed)
        return self.fc(torch.cat([h[0], h[1]], 1)).squeeze(1)


def batch(part):
    seqs = [torch.tensor([col[w] + 1 for w in t if w in col] or [1]) for t, _ in part]
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True), torch.tensor([len(q) for q in seqs]), torch.tensor([float(y) for _, y in part])


cut = len(rows) * 3 // 4
train, dev = rows[:cut], rows[cut:]
print(len(train), len(dev))
desk = Desk(vectors)
opt = torch.optim.Adam([p for p in desk.parameters() if p.requires_grad], lr=3e-3)
x, n, y = batch(dev)
for epoch in range(8):
    random.shuffle(train)
    for i in range(0, len(train), 32):
        xb, nb, yb = batch(train[i:i + 32])
        loss = nn.functional.binary_cross_entropy_with_logits(desk(xb, nb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(f"epoch {epoch} loss {loss.item():.4f} dev acc {((desk(x, n) > 0) == (y > 0.5)).float().mean().item():.4f}")
