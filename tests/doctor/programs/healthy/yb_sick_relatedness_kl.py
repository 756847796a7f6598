# Sentence relatedness on SICK, objective of Tai, Socher & Manning (2015):
# the score 1..5 becomes a sparse target distribution p over five grades, trained by KL(p || p_hat).
import csv, gzip, os
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F
from scipy.stats import pearsonr, spearmanr

torch.manual_seed(1234); rs = np.random.RandomState(1234)
D = os.environ['WORDFIT_DATA']

def load_sick(part):
    with open(os.path.join(D, 'glue', 'SICK', 'SICK_%s.txt' % part), encoding='utf-8') as f:
        for r in csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE):
            yield r['sentence_A'].lower().split(), r['sentence_B'].lower().split(), float(r['relatedness_score'])

train, test = list(load_sick('train')), list(load_sick('test_annotated'))
pairs = {(tuple(a), tuple(b)) for a, b, _ in train}
test = [t for t in test if (tuple(t[0]), tuple(t[1])) not in pairs][:1000]
glove = {}
with gzip.open(os.path.join(D, 'vectors', 'glove.6B.50d.top10361.txt.gz'), 'rt', encoding='utf-8') as f:
    need = {w for a, b, _ in train + test for w in a + b}
    for l in f:
        w, _, rest = l.partition(' ')
        if w in need: glove[w] = np.array(rest.split(), dtype=np.float32)
print('%d of %d word types have a vector' % (len(glove), len(need)))
df = {}
for a, b, _ in train:
    for w in set(a) | set(b): df[w] = df.get(w, 0) + 1

def enc(words):
    known = [w for w in words if w in glove] or ['the']
    wt = np.array([1. / (1. + .005 * df.get(w, 1)) for w in known], dtype=np.float32)
    M = np.stack([glove[w] for w in known])
    return (wt[:, None] * M).sum(0) / wt.sum()

def feats(rows):
    out = []
    for a, b, _ in rows:
        ma, mb = enc(a), enc(b)
        sa, sb = set(a), set(b)
        cos = (ma @ mb) / (np.linalg.norm(ma) * np.linalg.norm(mb))
        neg = float(any(w in ('no', 'not', 'nobody') for w in a) != any(w in ('no', 'not', 'nobody') for w in b))
        out.append(np.concatenate([np.abs(ma - mb), ma * mb, [cos, len(sa & sb) / len(sa | sb), neg]]))
    return np.asarray(out, dtype=np.float32), np.array([r[2] for r in rows], dtype=np.float32)

xa, ya = feats(train); xb, yb = feats(test)
mu, sd = xa.mean(0), xa.std(0) + 1e-6
xa, xb = torch.tensor((xa - mu) / sd), torch.tensor((xb - mu) / sd)

def spread(y):
    p = torch.zeros(len(y), 5)
    lo = np.floor(y).astype(int)
    for i, (s, f) in enumerate(zip(y, lo)):
        if f >= 5: p[i, 4] = 1.
        else: p[i, f - 1], p[i, f] = f + 1 - float(s), float(s) - f
    return p

target = spread(ya); grades = torch.arange(1., 6.)
net = nn.Sequential(nn.Linear(xa.shape[1], 16), nn.Sigmoid(), nn.Dropout(.2), nn.Linear(16, 5), nn.LogSoftmax(1))
opt = torch.optim.Adagrad(net.parameters(), lr=.06, weight_decay=1e-4)
for ep in range(9):
    net.train(); tot = 0.
    perm = rs.permutation(len(xa))
    for i in range(0, len(perm), 50):
        j = torch.from_numpy(perm[i:i + 50])
        opt.zero_grad()
        loss = F.kl_div(net(xa[j]), target[j], reduction='batchmean')
        loss.backward(); opt.step()
        tot += loss.item() * len(j)
    net.eval()
    with torch.no_grad():
        pa, pb = (net(v).exp() @ grades for v in (xa, xb))
    print('epoch %2d  KL %.4f  pearson train %.3f test %.3f' % (ep, tot / len(xa), pearsonr(pa, ya)[0], pearsonr(pb, yb)[0]))
print('test: pearson %.3f spearman %.3f mse %.3f (variance %.3f)' % (pearsonr(pb, yb)[0], spearmanr(pb, yb)[0], np.mean((pb.numpy() - yb) ** 2), yb.var()))
