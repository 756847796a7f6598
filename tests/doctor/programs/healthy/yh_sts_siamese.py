# -*- coding: utf-8 -*-
# Sentence similarity (STS-B): fixed GloVe, one shared projection that starts as the identity,
# word weights a/(a+p) as in Arora et al., a cosine that is scaled and shifted to 0..5.
import collections, csv, gzip, os, re
import numpy as np, torch
from scipy.stats import pearsonr, spearmanr

torch.manual_seed(0); rng = np.random.default_rng(0)
data_dir = os.environ['WORDFIT_DATA']

def read(split):
    out = []
    with open(os.path.join(data_dir, 'glue', 'STS-B', split + '.tsv'), encoding='utf-8') as f:
        for row in csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE):
            out.append((row['sentence1'].lower(), row['sentence2'].lower(), float(row['score'])))
    return out

tok = lambda s: re.findall(r"n't|'\w+|\w+(?=n't)|\w+|[^\w\s]", s)
dev = read('dev')
used = {s for a, b, _ in dev for s in (a, b)}
train = [r for r in read('train') if r[0] not in used and r[1] not in used]
print('pairs: train %d dev %d' % (len(train), len(dev)))

freq = collections.Counter(w for a, b, _ in train for s in (a, b) for w in tok(s))
total = sum(freq.values())
names, vecs = [], []
with gzip.open(os.path.join(data_dir, 'vectors', 'glove.6B.50d.top10361.txt.gz'), 'rt', encoding='utf-8') as f:
    for line in f:
        w, _, rest = line.partition(' ')
        names.append(w); vecs.append(np.fromstring(rest, sep=' ', dtype=np.float32))
index = {w: i for i, w in enumerate(names)}
E = torch.tensor(np.array(vecs))
A = 1e-3
sif = torch.tensor([A / (A + freq[w] / total) for w in names]).float()

def average(s):
    ids = torch.tensor([index[w] for w in tok(s) if w in index], dtype=torch.long)
    if len(ids) == 0:
        return torch.zeros(50)
    w = sif[ids, None]
    return (E[ids] * w).sum(0) / w.sum()

def encode(rows):
    return (torch.stack([average(a) for a, _, _ in rows]), torch.stack([average(b) for _, b, _ in rows]),
            torch.tensor([y for *_, y in rows]))

trA, trB, trY = encode(train)
dvA, dvB, dvY = encode(dev)
mu = torch.cat([trA, trB]).mean(0)          # the common direction is taken out, with the training mean
trA, trB, dvA, dvB = [t - mu for t in (trA, trB, dvA, dvB)]

P = torch.nn.Linear(50, 50, bias=False)
torch.nn.init.eye_(P.weight)
scale = torch.nn.Parameter(torch.tensor(2.5)); shift = torch.nn.Parameter(torch.tensor(2.5))
opt = torch.optim.Adam([{'params': P.parameters(), 'lr': 2e-3}, {'params': [scale, shift], 'lr': 2e-2}])

def predict(a, b):
    return scale * torch.cosine_similarity(P(a), P(b), dim=-1, eps=1e-6) + shift

def report(tag):
    with torch.no_grad():
        t, d = predict(trA, trB).numpy(), predict(dvA, dvB).numpy()
    print('%-8s train r %.3f | dev r %.3f rho %.3f mse %.3f' % (
        tag, pearsonr(t, trY)[0], pearsonr(d, dvY)[0], spearmanr(d, dvY)[0], ((d - dvY.numpy()) ** 2).mean()))

report('start')
for epoch in range(1, 9):
    order = rng.permutation(len(train))
    for chunk in np.array_split(order, len(train) // 64):
        i = torch.from_numpy(chunk)
        loss = (predict(trA[i], trB[i]) - trY[i]).pow(2).mean()
        opt.zero_grad(); loss.backward(); opt.step()
    for gr in opt.param_groups:
        gr['lr'] *= 0.7
    report('epoch %d' % epoch)
