#!/usr/bin/env python
# Truecasing as tagging: which tokens of a lower-cased sentence had a capital?  (Brown corpus)
# A window model with word and suffix embeddings; sentences are laid end to end with boundary marks, so no padding.
import gzip, os, zlib
import numpy as np
import torch
from torch import nn

torch.manual_seed(3)
np.random.seed(3)
path = os.path.join(os.environ["WORDFIT_DATA"], "corpora", "brown.txt.gz")
sents = []
for n, line in enumerate(gzip.open(path, "rt", encoding="utf-8")):
    if n == 20000:
        break
    toks = line.split()
    if 6 <= len(toks) <= 30:
        sents.append(toks)
np.random.shuffle(sents := np.array(sents, dtype=object))
unique = list({" ".join(s).lower(): s for s in sents[:4600]}.values())
train, dev = unique[:4000], unique[4000:]

NW, NS, WIN = 4000, 1000, 2
counts = {}
for s in train:
    for w in s:
        counts[w.lower()] = counts.get(w.lower(), 0) + 1
vocab = {w: i + 3 for i, (w, c) in enumerate(sorted(counts.items(), key=lambda z: -z[1])[:NW - 3]) if c > 2}
BOUNDARY, RARE, NUM = 0, 1, 2


def wid(w):
    return NUM if any(c.isdigit() for c in w) else vocab.get(w, RARE)


def sid(w):
    return 1 + zlib.crc32(w[-3:].encode()) % (NS - 1)


def stream(data):
    W, S, Y = [BOUNDARY] * WIN, [0] * WIN, [-1] * WIN
    for s in data:
        for w in s:
            W.append(wid(w.lower())); S.append(sid(w.lower())); Y.append(int(w[0].isupper()))
        W += [BOUNDARY] * WIN; S += [0] * WIN; Y += [-1] * WIN
    W, S, Y = map(np.array, (W, S, Y))
    centre = np.where(Y >= 0)[0]
    idx = centre[:, None] + np.arange(-WIN, WIN + 1)
    return torch.from_numpy(W[idx]), torch.from_numpy(S[idx]), torch.from_numpy(Y[centre]).float()


class Caser(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Embedding(NW, 16)
        self.s = nn.Embedding(NS, 8)
        self.mlp = nn.Sequential(nn.Dropout(.2), nn.Linear((2 * WIN + 1) * 24, 48), nn.ReLU(), nn.Dropout(.2), nn.Linear(48, 1))

    def forward(self, w, s):
        return self.mlp(torch.cat([self.w(w), self.s(s)], -1).flatten(1)).squeeze(1)


Wt, St, Yt = stream(train)
Wd, Sd, Yd = stream(dev)
print("tokens", len(Yt), len(Yd), "share of capitals", round(Yt.mean().item(), 3))
m = Caser()
o = torch.optim.AdamW(m.parameters(), lr=1.2e-2, weight_decay=0.01)
E, B = 4, 512
sch = torch.optim.lr_scheduler.LinearLR(o, 1.0, 0.01, total_iters=E * (len(Yt) // B))


def f1(w, s, y):
    m.eval()
    with torch.no_grad():
        p = (m(w, s) > 0).float()
    tp = (p * y).sum()
    return (2 * tp / (p.sum() + y.sum())).item()


for e in range(E):
    m.train()
    perm = torch.randperm(len(Yt))
    acc = []
    for k in range(len(Yt) // B):
        j = perm[k * B:(k + 1) * B]
        l = nn.functional.binary_cross_entropy_with_logits(m(Wt[j], St[j]), Yt[j])
        o.zero_grad(); l.backward(); o.step(); sch.step()
        acc.append(l.item())
    print(f"epoch {e}: loss {np.mean(acc):.4f}  F1 train {f1(Wt[:20000], St[:20000], Yt[:20000]):.3f}  F1 dev {f1(Wd, Sd, Yd):.3f}")
