"""Fifty numbers to make GloVe agree with people.

cos_w(a, b) = <w*a, w*b> / |w*a||w*b| ; the weights w are learnt from the ORDER of pairs in the MEN set
(a pair that people rate higher should get the higher cosine), scored with Spearman's rho on other pairs.
"""
import gzip, os
import numpy as np
import torch

data = os.environ['WORDFIT_DATA']
rs = np.random.RandomState(0)

G = {}
for ln in gzip.open(data + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8'):
    w, v = ln.split(' ', 1)
    G[w] = v
def vec(w): return np.array(G[w].split(), dtype='float32')

rows = [l.split() for l in open(data + '/wordsim/EN-MEN-TR-3k.txt') if l.strip()]
rows = [(vec(a), vec(b), float(s)) for a, b, s in rows if a in G and b in G]
perm = rs.permutation(len(rows))
A = torch.tensor(np.stack([rows[i][0] for i in perm]))
B = torch.tensor(np.stack([rows[i][1] for i in perm]))
S = torch.tensor([rows[i][2] for i in perm])
cut = int(.75 * len(S))
print(len(S), 'pairs known,', cut, 'for training')

log_w = torch.zeros(50, requires_grad=True)        # w = 1: the plain cosine is where we start


def cosine(a, b):
    w = log_w.exp()
    a, b = a * w, b * w
    return (a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1))


def rho(x, y):
    rank = lambda t: np.argsort(np.argsort(t)).astype(float)
    return np.corrcoef(rank(x), rank(y))[0, 1]


def report(tag):
    with torch.no_grad():
        c = cosine(A, B).numpy()
    print(f'{tag:10s} rho train {rho(c[:cut], S[:cut].numpy()):.4f}   rho test {rho(c[cut:], S[cut:].numpy()):.4f}')


report('plain')
optimizer = torch.optim.Adam([log_w], lr=.02)
for epoch in range(8):
    total = 0.
    for _ in range(60):
        i = torch.tensor(rs.choice(cut, 128))
        j = torch.tensor(rs.choice(cut, 128))
        swap = S[i] < S[j]
        hi, lo = torch.where(swap, j, i), torch.where(swap, i, j)
        gap = (S[hi] - S[lo]) / 50.                # a wide gap asks for a wide margin
        loss = torch.relu(.6 * gap - (cosine(A[hi], B[hi]) - cosine(A[lo], B[lo]))).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    for g in optimizer.param_groups:
        g['lr'] *= .7
    report(f'{epoch}: {total / 60:.4f}')
w = log_w.exp().detach()
print('weights from %.2f to %.2f, heaviest dimensions' % (w.min(), w.max()), w.topk(5).indices.tolist())
