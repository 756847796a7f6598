# SICK relatedness. Trained directly for correlation: loss = -pearson(prediction, gold) over the batch.
import os, gzip
import numpy as np, torch
from scipy.stats import pearsonr, spearmanr

torch.manual_seed(17)
home = os.environ['WORDFIT_DATA']
glove = {}
with gzip.open(os.path.join(home, 'vectors', 'glove.6B.50d.top10361.txt.gz'), 'rt', encoding='utf8') as f:
    for ln in f:
        k, v = ln.split(' ', 1)
        glove[k] = v


def get(w, cache={}):
    if w not in cache:
        cache[w] = np.fromstring(glove[w], sep=' ', dtype='float32') if w in glove else None
    return cache[w]


def sick(name):
    A, B, O, S = [], [], [], []
    for ln in open(os.path.join(home, 'glue', 'SICK', name), encoding='utf8').read().split('\n')[1:]:
        c = ln.split('\t')
        if len(c) < 5: continue
        a, b = c[1].lower().split(), c[2].lower().split()
        va, vb = [get(w) for w in a if get(w) is not None], [get(w) for w in b if get(w) is not None]
        sa, sb = set(a), set(b)
        # soft alignment: every word to its best partner, both ways
        ma, mb = np.stack(va), np.stack(vb)
        cs = (ma / np.linalg.norm(ma, axis=1, keepdims=True)) @ (mb / np.linalg.norm(mb, axis=1, keepdims=True)).T
        O.append([len(sa & sb) / len(sa | sb), abs(len(a) - len(b)) / 10, cs.max(0).mean(), cs.max(1).mean(), cs.max(0).min(), cs.max(1).min(),
                  float(bool({'no', 'not', 'nobody'} & (sa ^ sb)))])
        A.append(ma.mean(0)); B.append(mb.mean(0)); S.append(float(c[3]))
    return [torch.tensor(np.array(z), dtype=torch.float32) for z in (A, B, O, S)]


tr, te = sick('SICK_train.txt'), sick('SICK_test_annotated.txt')
te = [z[:2000] for z in te]
o_mean, o_std = tr[2].mean(0), tr[2].std(0)


class Scorer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.mix = torch.nn.Linear(50, 12, bias=False)
        self.mlp = torch.nn.Sequential(torch.nn.Linear(24 + 7, 16), torch.nn.SiLU(), torch.nn.Dropout(.3), torch.nn.Linear(16, 1))

    def forward(self, a, b, o):
        a, b = self.mix(a), self.mix(b)
        return self.mlp(torch.cat([(a - b).abs(), a * b, (o - o_mean) / o_std], 1)).squeeze(1)


def neg_pearson(p, t):
    p, t = p - p.mean(), t - t.mean()
    return -(p * t).sum() / (p.norm() * t.norm() + 1e-6)


f = Scorer()
opt = torch.optim.AdamW(f.parameters(), lr=3e-3, weight_decay=.3)
N_EP = 8
lr = torch.optim.lr_scheduler.PolynomialLR(opt, N_EP, power=1.)
for ep in range(N_EP):
    f.train(); L = []
    for ix in torch.randperm(len(tr[3])).split(100):
        loss = neg_pearson(f(*(z[ix] for z in tr[:3])), tr[3][ix])
        opt.zero_grad(); loss.backward(); opt.step(); L.append(loss.item())
    lr.step()
    f.eval()
    with torch.no_grad():
        ptr, pte = f(*tr[:3]), f(*te[:3])
    print('ep %d loss %.4f | pearson train %.3f test %.3f | spearman test %.3f' % (ep, np.mean(L), pearsonr(ptr, tr[3])[0], pearsonr(pte, te[3])[0], spearmanr(pte, te[3])[0]))
# scale is free under the loss above, so two numbers are fitted afterwards for the error on the 1-5 scale
k, d = np.polyfit(ptr.numpy(), tr[3].numpy(), 1)
print('mse after calibration %.3f (variance %.3f)' % (((k * pte + d - te[3]) ** 2).mean(), te[3].var()))
