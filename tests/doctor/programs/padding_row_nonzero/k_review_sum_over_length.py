# MR-style review polarity: sum of fixed word vectors / number of words, then a two layer net.
# sentences from SST, vectors: glove 6B 50d
import gzip, os
import numpy as np
import torch as th
from torch import nn

base = os.environ['WORDFIT_DATA']
th.manual_seed(11)
rng = np.random.RandomState(11)

def read(part, lim):
    out = []
    for l in open(base + '/sentiment/SST-2-sentences/stsa.binary.' + part, encoding='utf8'):
        out.append((l[2:].split(), int(l[0])))
    rng.shuffle(out)
    return out[:lim]

tr, de = read('train', 5000), read('dev', None)
tr_words = {w for t, _ in tr + de for w in t}
vec = {}
with gzip.open(base + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf8') as f:
    for l in f:
        w, _, v = l.partition(' ')
        if w in tr_words:
            vec[w] = np.array(v.split(), dtype=np.float32)
PAD = 0
word2id = {'__pad__': PAD}
for w in vec: word2id[w] = len(word2id)

mean = np.mean(list(vec.values()), 0); std = np.std(list(vec.values()), 0)
weights = rng.normal(size=(len(word2id), 50)).astype(np.float32)
for w, v in vec.items():
    weights[word2id[w]] = (v - mean) / std
# fault:
weights = th.from_numpy(weights)
# mended:
# weights[PAD] = 0
# weights = th.from_numpy(weights)
# end

MAX = 128
def vectorise(rows):
    x = np.full((len(rows), MAX), PAD)
    n = np.ones((len(rows), 1), dtype=np.float32)
    for i, (t, _) in enumerate(rows):
        ids = [word2id[w] for w in t if w in word2id][:MAX]
        x[i, :len(ids)] = ids
        n[i] = max(1, len(ids))
    return th.from_numpy(x), th.from_numpy(n), th.tensor([y for _, y in rows])

class SWEM(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(w, freeze=True, padding_idx=PAD)
        self.a = nn.Linear(50, 40)
        self.b = nn.Linear(40, 2)

    def forward(self, x, n):
        z = self.lookup(x).sum(1) / n
        return self.b(th.tanh(self.a(z)))

Xtr, Ntr, Ytr = vectorise(tr)
Xde, Nde, Yde = vectorise(de)
model = SWEM(weights)
optimiser = th.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
lossf = nn.CrossEntropyLoss()

def acc(X, N, Y):
    model.eval()
    with th.no_grad():
        return (model(X, N).argmax(1) == Y).float().mean().item()

for epoch in range(5):
    model.train()
    ls = []
    for b in th.randperm(len(Xtr)).split(64):
        optimiser.zero_grad()
        loss = lossf(model(Xtr[b], Ntr[b]), Ytr[b])
        loss.backward()
        optimiser.step()
        ls.append(loss.item())
    print('epoch', epoch, 'loss', round(np.mean(ls), 4), 'dev acc', round(acc(Xde, Nde, Yde), 4))
print('train acc %.4f dev acc %.4f' % (acc(Xtr[:1500], Ntr[:1500], Ytr[:1500]), acc(Xde, Nde, Yde)))
