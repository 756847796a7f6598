import os, gzip, math
import numpy as np, torch
import torch.nn.functional as F
# which of three sources is a sentence from? additive attention over fixed GloVe vectors, everything written as functions of a dict of tensors
DATA = os.environ['WORDFIT_DATA']
gen = torch.Generator().manual_seed(1234)

def read_glove(path):
    words, rows = {}, [np.zeros(50, 'f4')]
    with gzip.open(path, 'rt', encoding='utf8') as f:
        for l in f:
            k = l.index(' ')
            words[l[:k]] = len(rows)
            rows.append(np.array(l[k+1:].split(), dtype='f4'))
    return words, torch.from_numpy(np.stack(rows))

def sentences():
    # film reviews / financial news / general English of the sixties
    for l in open(f'{DATA}/sentiment/MR/rt-polarity.pos', encoding='latin-1').readlines()[:1500]:
        yield l, 0
    for l in open(f'{DATA}/sentiment/financial-phrasebank/Sentences_50Agree.txt', encoding='utf-8').readlines()[:1500]:
        yield l.rsplit('@', 1)[0].lower(), 1
    with gzip.open(f'{DATA}/corpora/brown.txt.gz', 'rt', encoding='utf-8') as f:
        for i, l in enumerate(f):
            if i == 45000: break
            if i % 30 == 0: yield l.lower(), 2

def read_all(words):
    rows = {}
    for text, y in sentences():
        ids = tuple(words[w] for w in text.split() if w in words and w.isalpha())[:12]     # the opening words only
        if len(ids) >= 3: rows[ids] = y                                                    # a dict: no repeats
    rows = list(rows.items())
    rows = [rows[i] for i in torch.randperm(len(rows), generator=gen).tolist()]
    return [list(x) for x, _ in rows], torch.tensor([y for _, y in rows])

def collate(rows):
    n = max(map(len, rows))
    return torch.tensor([r + [0]*(n-len(r)) for r in rows])

words, E = read_glove(f'{DATA}/vectors/glove.6B.50d.top10361.txt.gz')
E = F.normalize(E, dim=1) * 3
X, Y = read_all(words)
Xtr, Ytr, Xte, Yte = X[:-800], Y[:-800], X[-800:], Y[-800:]
print(len(Xtr), 'train', len(Xte), 'test, classes', Y.bincount().tolist())

def randn(*s, scale):
    return (torch.randn(*s, generator=gen) * scale).requires_grad_()

H = 32
P = dict(Wa=randn(50, H, scale=1/math.sqrt(50)), va=randn(H, 2, scale=1/math.sqrt(H)),
         W1=randn(100, H, scale=1/10), b1=torch.zeros(H, requires_grad=True),
         w2=randn(H, 3, scale=1/math.sqrt(H)), b2=torch.zeros(3, requires_grad=True))

def forward(P, ids, p=0.0):
    x = E[ids]                                             # B T 50
    if p: x = F.dropout(x, p, training=True)
    a = torch.tanh(x @ P['Wa']) @ P['va']                  # two heads: B T 2
    a = a.masked_fill((ids == 0)[..., None], float('-inf')).softmax(1)
    ctx = torch.einsum('btk,btd->bkd', a, x).flatten(1)    # B 100
    h = torch.relu(ctx @ P['W1'] + P['b1'])
    if p: h = F.dropout(h, p, training=True)
    return h @ P['w2'] + P['b2']

def accuracy(X, Y):
    with torch.no_grad():
        ok = 0
        for s in range(0, len(X), 500):
            ok += (forward(P, collate(X[s:s+500])).argmax(1) == Y[s:s+500]).sum().item()
    return ok / len(X)

torch.manual_seed(99)
m = {k: torch.zeros_like(v) for k, v in P.items()}
v = {k: torch.zeros_like(w) for k, w in P.items()}
t, T = 0, 5 * math.ceil(len(Xtr) / 64)
for epoch in range(5):
    tot = 0.
    for idx in torch.randperm(len(Xtr), generator=gen).split(64):
        loss = F.cross_entropy(forward(P, collate([Xtr[i] for i in idx.tolist()]), .2), Ytr[idx])
        grads = torch.autograd.grad(loss, list(P.values()))
        t += 1
        lr = 4e-3 * 0.5 * (1 + math.cos(math.pi * t / T))
        with torch.no_grad():                              # Adam by hand
            for (k, w), g in zip(P.items(), grads):
                m[k].mul_(.9).add_(g, alpha=.1)
                v[k].mul_(.999).addcmul_(g, g, value=.001)
                w -= lr * (m[k]/(1-.9**t)) / ((v[k]/(1-.999**t)).sqrt() + 1e-8)
        tot += loss.item() * len(idx)
    print(f'{epoch}: nll {tot/len(Xtr):.4f}, accuracy train {accuracy(Xtr[:2000], Ytr[:2000]):.3f} test {accuracy(Xte, Yte):.3f}')
