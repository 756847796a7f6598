# SICK relatedness with a memory-saving table: GloVe-50 and Twitter-25 side by side, stored as int8 + one scale per word.
# Dequantise on the fly, project, average with idf weights, regress onto [0, 1].
import csv, gzip, math, os, re
from collections import Counter
import numpy as np, torch, torch.nn as nn
from scipy.stats import pearsonr

torch.manual_seed(77)
base = os.environ['WORDFIT_DATA']

def sick(part):
    with open(f'{base}/glue/SICK/SICK_{part}.txt', encoding='utf-8') as f:
        rd = csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE)
        return [(re.findall('[a-z]+', r['sentence_A'].lower()), re.findall('[a-z]+', r['sentence_B'].lower()),
                 (float(r['relatedness_score']) - 1) / 4) for r in rd]

train, trial = sick('train'), sick('trial')
df = Counter(w for a, b, _ in train for s in (a, b) for w in set(s))
need = {w for a, b, _ in train + trial for s in (a, b) for w in s}

def vectors(name):
    got = {}
    with gzip.open(f'{base}/vectors/{name}', 'rt', encoding='utf-8') as f:
        for ln in f:
            w = ln[:ln.index(' ')]
            if w in need:
                got[w] = np.array(ln.split()[1:], dtype=np.float32)
    return got

g50, tw = vectors('glove.6B.50d.top10361.txt.gz'), vectors('glove.twitter.27B.25d.common11925.txt.gz')
words = sorted(set(g50) | set(tw))                    # a word may live in one table only
full = np.stack([np.concatenate([g50.get(w, np.zeros(50, 'f')), tw.get(w, np.zeros(25, 'f'))]) for w in words])
scale = np.abs(full).max(1, keepdims=True) / 127
q = np.round(full / scale).astype(np.int8)
row = {w: i for i, w in enumerate(words)}
print(len(words), 'of', len(need), 'words;', q.nbytes // 1024, 'KiB; mean quantisation error', float(np.abs(q * scale - full).mean()))

class Int8Table(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer('q', torch.from_numpy(q)); self.register_buffer('s', torch.from_numpy(scale))
    def forward(self, i): return self.q[i].float() * self.s[i]

class Rel(nn.Module):
    def __init__(self, k=64):
        super().__init__()
        self.tab = Int8Table(); self.p = nn.Linear(75, k); self.mlp = nn.Sequential(nn.Linear(2 * k + 1, 32), nn.Tanh(), nn.Dropout(.1), nn.Linear(32, 1))
    def sent(self, flat, w, owner, n):
        v = torch.tanh(self.p(self.tab(flat))) * w[:, None]
        z = torch.zeros(n, v.size(1)).index_add(0, owner, v)
        return z / torch.zeros(n).index_add(0, owner, w)[:, None]
    def forward(self, A, B, n):
        a, b = self.sent(*A, n), self.sent(*B, n)
        return self.mlp(torch.cat([(a - b).abs(), a * b, nn.functional.cosine_similarity(a, b)[:, None]], 1)).squeeze(1).sigmoid()

idf = lambda w: math.log(1 + 9000 / (1 + df[w]))
def ragged(sents):
    trip = [(row[w], idf(w), k) for k, s in enumerate(sents) for w in s if w in row]
    i, w, k = zip(*trip)
    return torch.tensor(i), torch.tensor(w), torch.tensor(k)
def batch(rows): return ragged([r[0] for r in rows]), ragged([r[1] for r in rows]), len(rows), torch.tensor([r[2] for r in rows])

m = Rel(); opt = torch.optim.Adam(m.parameters(), lr=4e-3, weight_decay=1e-5)
val, fit = batch(trial), batch(train[:500])
EPOCHS = 4
for ep in range(EPOCHS):
    for gr in opt.param_groups: gr['lr'] = 4e-3 * (1 + math.cos(math.pi * ep / EPOCHS)) / 2
    m.train(); s = 0.
    for idx in torch.randperm(len(train)).split(64):
        A, B, n, y = batch([train[i] for i in idx.tolist()])
        l = nn.functional.mse_loss(m(A, B, n), y)
        opt.zero_grad(); l.backward(); opt.step(); s += l.item() * n
    m.eval()
    with torch.no_grad():
        pv, pf = m(*val[:3]), m(*fit[:3])
    print(f'{ep}: mse {s/len(train):.4f} trial mse {nn.functional.mse_loss(pv, val[3]):.4f} (mean guess {val[3].var():.4f}) r {pearsonr(pv, val[3])[0]:.3f} | train r {pearsonr(pf, fit[3])[0]:.3f}')
