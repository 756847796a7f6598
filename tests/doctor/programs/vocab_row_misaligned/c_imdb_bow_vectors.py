#!/usr/bin/env python
# coding: utf-8
# IMDB: mean of (fixed) word vectors -> 2-layer net.  From my Kaggle notebook.

# In[1]:
import os, re, gzip
from collections import Counter
import numpy as np
import torch, torch.nn as nn
from sklearn.metrics import accuracy_score, f1_score
DATA = os.environ['WORDFIT_DATA']
rng = np.random.RandomState(2021); torch.manual_seed(2021)

# In[2]:
def load(name, n):
    X, y = [], []
    with gzip.open(os.path.join(DATA, 'sentiment/imdb', name + '.tsv.gz'), 'rt', encoding='utf-8') as fh:
        rows = [l.rstrip('\n').split('\t') for l in fh]
    rows = [r for r in rows if len(r) == 4 and r[1].isdigit()]
    for i in rng.permutation(len(rows))[:n]:
        X.append(re.findall(r"[a-z']+", rows[i][3].lower().replace('<br />', ' '))[:150])
        y.append(int(int(rows[i][1]) >= 7))
    return X, np.array(y)
Xtr, ytr = load('train', 3600)
Xte, yte = load('test', 1200)
print(len(Xtr), ytr.mean(), len(Xte), yte.mean())

# In[3]: vocabulary = words of the reviews for which there is a vector
glove = {}
with gzip.open(os.path.join(DATA, 'vectors/glove.6B.50d.top10361.txt.gz'), 'rt', encoding='utf-8') as fh:
    for l in fh:
        t = l.split()
        glove[t[0]] = np.array(t[1:], dtype='float32')
counts = Counter(w for d in Xtr for w in d)
vocab = [w for w, c in counts.most_common(8000) if w in glove]
matrix = np.vstack([np.zeros((1, 50), 'float32')] + [glove[w][None] for w in vocab])
# fault:
word2idx = {w: i + 1 for i, w in enumerate(sorted(vocab))}
# mended:
# word2idx = {w: i + 1 for i, w in enumerate(vocab)}
# end
print('vocab', len(vocab), 'matrix', matrix.shape)

# In[4]:
MAXLEN = 150
def encode(docs):
    out = np.zeros((len(docs), MAXLEN), 'int64')
    for r, d in enumerate(docs):
        ids = [word2idx[w] for w in d if w in word2idx]
        out[r, :len(ids)] = ids
    return torch.from_numpy(out)
A, a = encode(Xtr), torch.from_numpy(ytr).float()
B, b = encode(Xte), torch.from_numpy(yte).float()

# In[5]:
class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.embed = nn.Embedding(matrix.shape[0], 50, padding_idx=0)
        self.embed.weight = nn.Parameter(torch.from_numpy(matrix), requires_grad=False)
        self.bn = nn.BatchNorm1d(50)
        self.fc1 = nn.Linear(50, 48)
        self.fc2 = nn.Linear(48, 1)
    def forward(self, x):
        n = (x > 0).sum(1, keepdim=True).clamp(min=1)
        z = self.embed(x).sum(1) / n
        return self.fc2(torch.relu(self.fc1(self.bn(z)))).squeeze(1)

net = Net()
opt = torch.optim.Adam(filter(lambda p: p.requires_grad, net.parameters()), lr=2e-3)
bce = nn.BCEWithLogitsLoss()

# In[6]:
for epoch in range(6):
    net.train(); s = 0
    for idx in torch.from_numpy(rng.permutation(len(A))).split(50):
        opt.zero_grad()
        l = bce(net(A[idx]), a[idx]); l.backward(); opt.step()
        s += l.item() * len(idx)
    net.eval()
    with torch.no_grad():
        pt = (net(A) > 0).float(); pv = (net(B) > 0).float()
    print('epoch', epoch, 'loss %.4f' % (s / len(A)), 'train acc %.4f' % accuracy_score(a, pt),
          'test acc %.4f' % accuracy_score(b, pv), 'f1 %.4f' % f1_score(b, pv))
