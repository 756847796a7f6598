#!/usr/bin/env python
# coding: utf-8

# # SST-2 phrases: blend of a CNN and a GRU over frozen GloVe vectors
# In[1]:
import os, gzip
import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence

D = os.environ['WORDFIT_DATA'] + '/'

# In[2]:
vecs = {}
for line in gzip.open(D + 'vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8'):
    w, *v = line.split(' ')
    vecs[w] = np.array(v, dtype=np.float32)
words = list(vecs)
W2I = {w: i + 1 for i, w in enumerate(words)}          # 0 = padding, words without a vector are left out
M = torch.from_numpy(np.vstack([np.zeros((1, 50), np.float32)] + [vecs[w][None] for w in words]))
M[1:] -= M[1:].mean(0)


def read(path, limit=None, minlen=3):
    out = []
    for line in open(path, encoding='utf-8').read().split('\n')[1:9000]:
        if not line:
            continue
        s, l = line.split('\t')
        ids = [W2I[w] for w in s.split() if w in W2I]
        if len(ids) >= minlen:
            out.append((torch.tensor(ids), int(l)))
    if limit:
        g = np.random.RandomState(0).permutation(len(out))[:limit]
        out = [out[i] for i in g]
    return out


train, dev = read(D + 'glue/SST-2/train.tsv', 4000), read(D + 'glue/SST-2/dev.tsv', None, 1)
print(len(train), len(dev), 'positive share', np.mean([l for _, l in train]).round(3), np.mean([l for _, l in dev]).round(3))


# In[3]:
class DS(Dataset):
    def __init__(self, rows): self.rows = rows
    def __len__(self): return len(self.rows)
    def __getitem__(self, i): return self.rows[i]


def collate(b):
    return pad_sequence([x for x, _ in b], batch_first=True), torch.tensor([len(x) for x, _ in b]), torch.tensor([float(l) for _, l in b])


# In[4]:
class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding.from_pretrained(M, freeze=True, padding_idx=0)
        self.c = nn.Conv1d(50, 48, 3, padding=1)
        self.d, self.o = nn.Dropout(.5), nn.Linear(48, 1)
    def forward(self, x, n):
        h = self.c(self.e(x).transpose(1, 2)).relu()
        h = h.masked_fill((x == 0)[:, None], 0.).max(2).values
        return self.o(self.d(h)).squeeze(1)


class GRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding.from_pretrained(M, freeze=True, padding_idx=0)
        self.r = nn.GRU(50, 16, batch_first=True)
        self.d, self.o = nn.Dropout(.4), nn.Linear(16, 1)
    def forward(self, x, n):
        _, h = self.r(pack_padded_sequence(self.e(x), n, batch_first=True, enforce_sorted=False))
        return self.o(self.d(h[-1])).squeeze(1)


def predict(net, rows):
    net.eval(); out = []
    with torch.no_grad():
        for x, n, _ in DataLoader(DS(rows), 256, collate_fn=collate):
            out.append(net(x, n).sigmoid())
    return torch.cat(out).numpy()


# In[5]:
gold = np.array([l for _, l in dev]); blend = np.zeros(len(dev))
tr_gold = np.array([l for _, l in train]); tr_blend = np.zeros(len(train))
for make, lr, epochs in ((CNN, 4e-3, 3), (GRU, 1e-2, 3)):
    torch.manual_seed(11)
    net = make()
    opt = torch.optim.AdamW(filter(lambda p: p.requires_grad, net.parameters()), lr=lr, weight_decay=1e-2)
    dl = DataLoader(DS(train), 80, shuffle=True, collate_fn=collate)
    oc = torch.optim.lr_scheduler.OneCycleLR(opt, lr, total_steps=epochs * len(dl))
    for ep in range(epochs):
        net.train(); s = 0
        for x, n, t in dl:
            opt.zero_grad()
            loss = nn.functional.binary_cross_entropy_with_logits(net(x, n), t * .9 + .05)   # soft labels
            loss.backward()
            opt.step(); oc.step()
            s += loss.item()
        print(make.__name__, ep, 'loss %.4f' % (s / len(dl)), 'dev %.4f' % ((predict(net, dev) > .5) == gold).mean())
    blend += .5 * predict(net, dev); tr_blend += .5 * predict(net, train)
print('BLEND  train %.4f  dev %.4f' % (((tr_blend > .5) == tr_gold).mean(), ((blend > .5) == gold).mean()))
