#!/usr/bin/env python
# coding: utf-8
# Snapshot averaging with a cyclic rate. Task: five sources of short texts
# (finance news, film reviews, product reviews, picture captions, tweets); frozen 25d twitter vectors, attention pooling.

# In[1]:
import gzip, math, os, re
import numpy as np
import torch
import torch.nn as nn

np.random.seed(4); torch.manual_seed(4)
R = os.environ['WORDFIT_DATA']

# In[2]:
def tok(s): return re.findall(r"[a-z]+", s.lower())[:12]

sources = {
    'finance': [l.rsplit('@', 1)[0] for l in open(R + '/sentiment/financial-phrasebank/Sentences_50Agree.txt', encoding='latin-1')],
    'film': open(R + '/sentiment/SST-2-sentences/stsa.binary.train', encoding='utf-8').read().splitlines(),
    'product': open(R + '/sentiment/CR/custrev.pos', encoding='latin-1').read().splitlines(),
    'caption': gzip.open(R + '/seq2seq/multi30k/train.en.gz', 'rt', encoding='utf-8').read().splitlines(),
    'tweet': open(R + '/sentiment/tweeteval/sentiment/val_text.txt', encoding='utf-8').read().replace('@user', '').splitlines(),
}
rows, seen = [], set()
for k, (name, lines) in enumerate(sources.items()):
    n = 0
    for i in np.random.permutation(len(lines)):
        t = tok(lines[i])
        if len(t) >= 5 and tuple(t) not in seen and n < 900:
            seen.add(tuple(t)); rows.append((t, k)); n += 1
rows = [rows[i] for i in np.random.permutation(len(rows))]

# In[3]:
need = {w for t, _ in rows for w in t}
w2i, mat = {}, [np.zeros(25, 'f4')]
with gzip.open(R + '/vectors/glove.twitter.27B.25d.common11925.txt.gz', 'rt', encoding='utf-8') as f:
    for l in f:
        w, v = l.rstrip().split(' ', 1)
        if w in need:
            w2i[w] = len(mat); mat.append(np.array(v.split(), 'f4'))
table = torch.from_numpy(np.stack(mat))

rows = [([w2i[w] for w in t if w in w2i], k) for t, k in rows]
rows = [r for r in rows if r[0]]
x = torch.zeros(len(rows), 12, dtype=torch.long)
for i, (t, _) in enumerate(rows):
    x[i, :len(t)] = torch.tensor(t)
y = torch.tensor([k for _, k in rows])
cut = int(len(rows) * .8)
xtr, ytr, xte, yte = x[:cut], y[:cut], x[cut:], y[cut:]
print(x.shape, 'classes', np.bincount(y).tolist())

# In[4]:
class AttnPool(nn.Module):
    def __init__(self, d=25, h=32, heads=3, c=5):
        super().__init__()
        self.register_buffer('table', table)          # not a parameter: nothing to tune here
        self.up = nn.Sequential(nn.Linear(d, h), nn.GELU())
        self.score = nn.Linear(h, heads, bias=False)
        self.ln = nn.LayerNorm(h * heads)
        self.cls = nn.Linear(h * heads, c)
    def forward(self, ids):
        h = self.up(self.table[ids])
        s = self.score(h).masked_fill((ids == 0)[..., None], -1e9).softmax(1)
        z = torch.einsum('bth,btk->bkh', h, s).flatten(1)
        return self.cls(self.ln(z))

model = AttnPool()
CYCLES, PER, BS, TOP = 4, 2, 60, 2e-2
steps = PER * math.ceil(cut / BS)
opt = torch.optim.Adam(model.parameters(), lr=TOP)
def acc(z, t): return (z.argmax(-1) == t).float().mean().item()

# In[5]:
shots_tr, shots_te = [], []
for c in range(CYCLES):
    model.train(); k = 0; run = []
    for e in range(PER):
        for b in torch.randperm(cut).split(BS):
            opt.param_groups[0]['lr'] = TOP / 2 * (1 + math.cos(math.pi * k / steps)); k += 1
            loss = nn.functional.cross_entropy(model(xtr[b]), ytr[b])
            opt.zero_grad(); loss.backward(); opt.step(); run.append(loss.item())
    model.eval()
    with torch.no_grad():
        shots_tr.append(model(xtr).softmax(1)); shots_te.append(model(xte).softmax(1))
    print(f'cycle {c}: loss {np.mean(run):.3f}, at its end {np.mean(run[-20:]):.3f}, snapshot train {acc(shots_tr[-1], ytr):.3f} test {acc(shots_te[-1], yte):.3f}')

# In[6]:
# the first two cycles only serve to get near
print('average of the last two: train %.3f test %.3f' % (acc(sum(shots_tr[2:]), ytr), acc(sum(shots_te[2:]), yte)))
