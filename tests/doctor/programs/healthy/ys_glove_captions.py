"""
GloVe (Pennington 2014) from scratch on image captions: weighted least squares on log co-occurrence.
10% of the cells are put aside, R2 on them is the score.
"""
import gzip, os, re
from collections import Counter
import numpy as np
import torch

np.random.seed(3)
torch.manual_seed(3)
DIM, XMAX, ALPHA, EPOCHS, BATCH = 6, 50.0, 0.75, 7, 256

with gzip.open(os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq/multi30k/train.en.gz'), 'rt', encoding='utf8') as f:
    sents = [re.findall('[a-z]+', next(f).lower()) for _ in range(16000)]
freq = Counter(w for s in sents for w in s)
words = [w for w, c in freq.most_common(250)]
ix = {w: i for i, w in enumerate(words)}
V = len(words)
C = np.zeros((V, V))
for s in sents:
    ids = [ix.get(w, -1) for w in s]
    for d in range(1, 5):
        for a, b in zip(ids, ids[d:]):
            if a >= 0 and b >= 0:
                C[a, b] += 1 / d
                C[b, a] += 1 / d
r, c = np.nonzero(np.triu(C) > 2)          # symmetric table: one triangle tells all
x = C[r, c]
order = np.random.permutation(len(x))
r, c, x = (torch.from_numpy(v[order]) for v in (r, c, x))
y = x.log().float()
f = (x / XMAX).clamp(max=1).pow(ALPHA).float()
cut = len(x) // 10
print(V, 'words', len(x) - cut, 'cells to fit', cut, 'cells put aside')

W = torch.randn(V, DIM) * 0.1
U = torch.randn(V, DIM) * 0.1
bw, bu = torch.zeros(V), torch.zeros(V)
mean = torch.tensor(y[cut:].mean().item())
params = [W, U, bw, bu]
for p in params:
    p.requires_grad_(True)
opt = torch.optim.Adagrad(params, lr=0.1)


def predict(i, j):                          # the triangle is symmetric, so are the scores
    return mean + 0.5 * ((W[i] * U[j]).sum(1) + (W[j] * U[i]).sum(1)) + 0.5 * (bw[i] + bu[j] + bw[j] + bu[i])


def r2(lo, hi):
    with torch.no_grad():
        e = predict(r[lo:hi], c[lo:hi]) - y[lo:hi]
        w = f[lo:hi]
        m = (w * y[lo:hi]).sum() / w.sum()
        return 1 - ((w * e ** 2).sum() / (w * (y[lo:hi] - m) ** 2).sum()).item()


for epoch in range(EPOCHS):
    total = 0.0
    for p in (torch.randperm(len(x) - cut) + cut).split(BATCH):
        err = predict(r[p], c[p]) - y[p]
        reg = sum((t ** 2).sum(1).mean() for t in (W[r[p]], U[c[p]], W[c[p]], U[r[p]]))
        loss = (f[p] * err ** 2).mean() + 2.5e-2 * reg
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(p)
    print('epoch %d loss %.4f R2 fitted %.3f put aside %.3f' % (epoch + 1, total / (len(x) - cut), r2(cut, None), r2(0, cut)))

vec = torch.nn.functional.normalize((W + U).detach(), dim=1)
for q in ('dog', 'red', 'boy', 'street'):
    print(q, '->', [words[k] for k in (vec @ vec[ix[q]]).topk(6).indices.tolist()[1:]])
