# SICK relatedness, target distribution as in Tai et al. 2015: the score 3.6 becomes p(3)=.4, p(4)=.6.
# KL divergence written out by hand; sentence = idf-weighted mean of frozen GloVe.
import csv, gzip, math, os, re
from collections import Counter
import numpy as np, torch

DATA = os.environ['WORDFIT_DATA']
torch.manual_seed(7)
tok = lambda s: re.findall(r"[a-z]+", s.lower())

def read(fn):
    with open(os.path.join(DATA, 'glue/SICK', fn), encoding='utf8') as f:
        r = csv.DictReader(f, delimiter='\t', quoting=csv.QUOTE_NONE)
        return [(d['sentence_A'], d['sentence_B'], float(d['relatedness_score'])) for d in r]

test = read('SICK_test_annotated.txt')
known = set(s for a, b, _ in test[:1200] for s in (a, b))
test = test[:1200]
train = [r for r in read('SICK_train.txt') + read('SICK_trial.txt') if r[0] not in known and r[1] not in known]
print(len(train), 'training pairs without a test sentence')

df = Counter(w for a, b, _ in train for s in (a, b) for w in set(tok(s)))
idf = lambda w: math.log(2 * len(train) / (1 + df[w]))
need = set(w for a, b, _ in train + test for w in tok(a) + tok(b))
glove = {}
for line in gzip.open(DATA + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf8'):
    w = line[:line.index(' ')]
    if w in need:
        glove[w] = np.array(line.split()[1:], dtype='f4')

def sentence(s):
    ws = [w for w in tok(s) if w in glove]
    if not ws:
        return np.zeros(50, 'f4')
    return sum(idf(w) * glove[w] for w in ws) / sum(idf(w) for w in ws)

def feats(rows):
    f = []
    for a, b, _ in rows:
        u, v = sentence(a), sentence(b)
        cos = float(u @ v / (np.linalg.norm(u) * np.linalg.norm(v) + 1e-8))
        A, B = set(tok(a)), set(tok(b))
        neg = len({'no', 'not', 'nobody'} & A) - len({'no', 'not', 'nobody'} & B)
        f.append(np.concatenate([abs(u - v), u * v, [cos * 3, 3 * len(A & B) / len(A | B), abs(neg)]]))
    return torch.tensor(np.stack(f), dtype=torch.float32)

def spread(rows):
    t = torch.zeros(len(rows), 5)
    for i, (_, _, s) in enumerate(rows):
        lo = int(math.floor(s)); frac = s - lo
        t[i, lo - 1] = 1 - frac
        if frac > 0: t[i, lo] = frac
    return t

Xtr, Xte = feats(train), feats(test)
mu, sd = Xtr.mean(0), Xtr.std(0) + 1e-5
Xtr, Xte = (Xtr - mu) / sd, (Xte - mu) / sd
P = spread(train)
gold_tr, gold_te = [torch.tensor([s for *_, s in r]) for r in (train, test)]
levels = torch.arange(1., 6.)

net = torch.nn.Sequential(torch.nn.Linear(Xtr.shape[1], 40), torch.nn.Sigmoid(), torch.nn.Dropout(0.3), torch.nn.Linear(40, 5))
opt = torch.optim.Adagrad(net.parameters(), lr=0.04, weight_decay=5e-4)

def pearson(X, g):
    net.eval()
    with torch.no_grad(): s = net(X).softmax(1) @ levels
    net.train()
    return np.corrcoef(s.numpy(), g.numpy())[0, 1], ((s - g) ** 2).mean().item()

for epoch in range(6):
    for idx in torch.randperm(len(Xtr)).split(40):
        logp = net(Xtr[idx]).log_softmax(1)
        p = P[idx]
        kl = (p * ((p + 1e-12).log() - logp)).sum(1).mean()
        opt.zero_grad(); kl.backward(); opt.step()
    r, mse = pearson(Xte, gold_te)
    print(f'{epoch:2d}  train r {pearson(Xtr, gold_tr)[0]:.3f}   test r {r:.3f}  mse {mse:.3f} (variance {gold_te.var():.3f})')
