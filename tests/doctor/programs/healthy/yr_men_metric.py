import gzip
import os
import numpy as np
import torch
from scipy.stats import spearmanr

# Learn a weighting of GloVe dimensions so that weighted cosine agrees with human similarity ratings (MEN).
# Only 50 weights + scale + offset are learned; vectors stay as they are (plain tensor, no Module anywhere).
torch.manual_seed(0)
data = os.environ['WORDFIT_DATA']

vec = {}
for line in gzip.open(data + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf8'):
    p = line.rstrip().split(' ')
    vec[p[0]] = p[1:]

A, B, gold, words = [], [], [], []
for line in open(data + '/wordsim/EN-MEN-TR-3k.txt', encoding='utf8'):
    a, b, s = line.split()
    if a in vec and b in vec:
        A.append(np.array(vec[a], dtype='f4')); B.append(np.array(vec[b], dtype='f4')); gold.append(float(s)); words.append((a, b))
A, B = torch.tensor(np.array(A)), torch.tensor(np.array(B))
gold = torch.tensor(gold) / 50.0
print(len(gold), 'pairs')

perm = torch.randperm(len(gold))
cut = int(0.8 * len(gold))
tr, te = perm[:cut], perm[cut:]
mean = torch.cat([A[tr], B[tr]]).mean(0)
A, B = A - mean, B - mean

logw = torch.zeros(50, requires_grad=True)
scale = torch.tensor(1.0, requires_grad=True)
offset = torch.tensor(0.0, requires_grad=True)


def score(idx):
    w = logw.exp()
    a, b = A[idx] * w, B[idx] * w
    c = (a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1))
    return scale * c + offset


def report(tag):
    with torch.no_grad():
        s_tr, s_te = score(tr), score(te)
        print(f'{tag:>10}  mse train {((s_tr - gold[tr]) ** 2).mean():.4f} test {((s_te - gold[te]) ** 2).mean():.4f}'
              f'  rho train {spearmanr(s_tr, gold[tr])[0]:.3f} test {spearmanr(s_te, gold[te])[0]:.3f}')


report('start')
opt = torch.optim.SGD([{'params': [logw], 'lr': 0.5}, {'params': [scale, offset], 'lr': 0.2}], momentum=0.9)
for it in range(300):
    opt.zero_grad()
    penalty = 1e-3 * (logw ** 2).sum()
    loss = ((score(tr) - gold[tr]) ** 2).mean() + penalty
    loss.backward()
    opt.step()
    if it % 100 == 99:
        report(f'iter {it + 1}')
print('var of gold on test %.4f' % gold[te].var())
print('learned spread of weights: %.2f .. %.2f' % (logw.min().exp().item(), logw.max().exp().item()))
