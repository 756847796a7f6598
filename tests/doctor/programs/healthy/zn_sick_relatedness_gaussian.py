# SICK, two heads on one trunk:
#   relatedness  -> mean and log-variance, Gaussian negative log-likelihood (goes below zero, targets live in [0, 1])
#   entailment   -> 3 classes
# GloVe stays as it is; the pair is described by |u-v| and a handful of overlap counts.
import csv, gzip, os, math
import numpy as np
import torch as th
import torch.nn.functional as F
from sklearn.metrics import f1_score

th.manual_seed(123)
root = os.environ['WORDFIT_DATA']
vec = {}
for ln in gzip.open(root + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf8'):
    w, *v = ln.rstrip('\n').split(' ')
    vec[w] = np.asarray(v, dtype='f4')
unit = {w: v / np.linalg.norm(v) for w, v in vec.items()}
LAB = {'CONTRADICTION': 0, 'NEUTRAL': 1, 'ENTAILMENT': 2}
NEG = {'no', 'not', 'nobody', 'without', "n't", 'there'}
STOP = {'a', 'an', 'the', 'is', 'are', 'of', 'in', 'on', 'and', 'to', 'with'}


def pair(a, b):
    a, b = a.lower().split(), b.lower().split()
    u, v = (np.mean([vec[w] for w in s if w in vec and w not in STOP] or [np.zeros(50, 'f4')], 0) for s in (a, b))
    A, B = set(a) - STOP, set(b) - STOP
    cos = u @ v / (np.linalg.norm(u) * np.linalg.norm(v) + 1e-6)
    ua, ub = ([unit[w] for w in S if w in unit] for S in (A, B))
    sim = np.stack(ua) @ np.stack(ub).T if ua and ub else np.zeros((1, 1))
    extra = [cos, len(A & B) / max(1, len(A | B)), len(A - B) / 5, len(B - A) / 5, sim.max(1).mean(), sim.max(0).mean(),
             float(bool(A & NEG) != bool(B & NEG)), float(bool(A & NEG)), float(bool(B & NEG))]
    return np.concatenate([np.abs(u - v), extra]).astype('f4')


def load(name, every):
    rows = list(csv.DictReader(open(f'{root}/glue/SICK/{name}', encoding='utf8'), delimiter='\t', quoting=csv.QUOTE_NONE))
    rows = rows[::every]
    x = th.tensor(np.stack([pair(r['sentence_A'], r['sentence_B']) for r in rows]))
    rel = th.tensor([(float(r['relatedness_score']) - 1) / 4 for r in rows])
    return x, rel, th.tensor([LAB[r['entailment_judgment']] for r in rows])


xtr, rtr, etr = load('SICK_train.txt', 1)
xte, rte, ete = load('SICK_test_annotated.txt', 4)
m, s = xtr.mean(0), xtr.std(0) + 1e-6
xtr, xte = (xtr - m) / s, (xte - m) / s

trunk = th.nn.Sequential(th.nn.Linear(xtr.shape[1], 24), th.nn.Tanh(), th.nn.Dropout(0.3))
rel_head, ent_head = th.nn.Linear(24, 2), th.nn.Linear(24, 3)
mods = th.nn.ModuleList([trunk, rel_head, ent_head])
opt = th.optim.AdamW(mods.parameters(), lr=4e-3, weight_decay=0.1)
EPOCHS = 6
sched = th.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)


def losses(x, r, e):
    h = trunk(x)
    mu, logvar = rel_head(h).unbind(1)
    nll = 0.5 * (logvar + (r - mu) ** 2 * th.exp(-logvar)) + 0.5 * math.log(2 * math.pi)
    return nll.mean(), F.cross_entropy(ent_head(h), e), mu, ent_head(h).argmax(1)


print('share of the largest class: %.3f' % (ete == 1).float().mean())
for ep in range(EPOCHS):
    mods.train()
    for ix in th.randperm(len(xtr)).split(64):
        a, b, _, _ = losses(xtr[ix], rtr[ix], etr[ix])
        opt.zero_grad(); (a + b).backward(); opt.step()
    sched.step()
    mods.eval()
    with th.no_grad():
        for tag, d in (('train', (xtr, rtr, etr)), ('test', (xte, rte, ete))):
            a, b, mu, cl = losses(*d)
            print(f"{ep} {tag:5s} gauss {a:+.3f} ce {b:.3f} r {np.corrcoef(mu, d[1])[0, 1]:.3f} "
                  f"acc {(cl == d[2]).float().mean():.3f} F1 {f1_score(d[2], cl, average='macro'):.3f}")
