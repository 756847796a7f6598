#!/usr/bin/env python
# Learn to carry words from the 100-dimensional GloVe space into the 50-dimensional one; retrieval on unseen words.
import gzip
import os
import numpy as np
import torch as th
import torch.nn as nn

th.manual_seed(2023)
V = os.path.join(os.environ['WORDFIT_DATA'], 'vectors')

def read(name, limit=None):
    d = {}
    for line in gzip.open(os.path.join(V, name), 'rt', encoding='utf-8'):
        word, _, rest = line.partition(' ')
        d[word] = np.array(rest.split(), dtype=np.float32)
        if limit and len(d) >= limit:
            break
    return d

src = read('glove.6B.100d.top2604.txt.gz')
trg = read('glove.6B.50d.top10361.txt.gz', 3000)
common = sorted(w for w in src if w in trg)
np.random.RandomState(0).shuffle(common)
A = th.from_numpy(np.stack([src[w] for w in common]))
B = th.from_numpy(np.stack([trg[w] for w in common]))
n_test = 400
print(len(common) - n_test, 'training words,', n_test, 'test words')

class Mapper(nn.Module):
    def __init__(self, words, d_out):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(words)      # source side is given
        self.down = nn.Linear(words.shape[1], d_out)
    def forward(self, ix):
        return self.down(self.lookup(ix))

mapper = Mapper(A, B.shape[1])
optim = th.optim.Adam(mapper.down.parameters(), lr=5e-3)
sched = th.optim.lr_scheduler.StepLR(optim, 6, 0.4)
# fault:
loss_fn = nn.CrossEntropyLoss()
# mended:
# loss_fn = nn.MSELoss()
# end
test_ix, train_ix = th.arange(n_test), th.arange(n_test, len(common))
unit = nn.functional.normalize(B, dim=1)

def precision(ix, k):
    with th.no_grad():
        z = nn.functional.normalize(mapper(ix), dim=1)
        top = (z @ unit.T).topk(k, dim=1).indices
    return (top == ix[:, None]).any(1).float().mean().item()

for ep in range(1, 19):
    acc = 0
    for perm in train_ix[th.randperm(len(train_ix))].split(32):
        optim.zero_grad()
        loss = loss_fn(mapper(perm), B[perm])
        loss.backward()
        optim.step()
        acc += loss.item() * len(perm)
    sched.step()
    if ep % 3 == 0:
        print('%2d  loss %12.4f  P@1 train %.3f  P@1 test %.3f  P@5 test %.3f' % (
            ep, acc / len(train_ix), precision(train_ix, 1), precision(test_ix, 1), precision(test_ix, 5)))
