# Semantic relatedness on SICK. Score 1..5 is turned into a sparse target distribution (Tai et al. 2015),
# so the loss is a KL divergence and the prediction is the expected score.
import gzip
import os
from math import floor
import numpy as np
import torch
import torch.nn as nn
from scipy.stats import pearsonr, spearmanr

torch.manual_seed(2015)
base = os.environ['WORDFIT_DATA']


def sick(name):
    rows = []
    with open(os.path.join(base, 'glue', 'SICK', name), encoding='utf-8') as f:
        f.readline()
        for l in f:
            c = l.rstrip('\r\n').split('\t')
            if len(c) >= 4:
                rows.append((c[1].lower().split(), c[2].lower().split(), float(c[3])))
    return rows


train, trial = sick('SICK_train.txt'), sick('SICK_trial.txt')
test = sick('SICK_test_annotated.txt')[::5]
known = {(' '.join(a), ' '.join(b)) for a, b, _ in train + trial}
test = [r for r in test if (' '.join(r[0]), ' '.join(r[1])) not in known and (' '.join(r[1]), ' '.join(r[0])) not in known]

wanted = {w for a, b, _ in train + trial + test for w in a + b}
w2i, vecs = {'<pad>': 0, '<unk>': 1}, [np.zeros(50, 'float32'), np.random.RandomState(0).normal(0, .3, 50).astype('float32')]
with gzip.open(os.path.join(base, 'vectors', 'glove.6B.50d.top10361.txt.gz'), 'rt', encoding='utf-8') as f:
    for l in f:
        w, v = l.split(' ', 1)
        if w in wanted:
            w2i[w] = len(vecs)
            vecs.append(np.array(v.split(), dtype='float32'))


def pad(sents):
    n = max(map(len, sents))
    return torch.tensor([[w2i.get(w, 1) for w in s] + [0] * (n - len(s)) for s in sents])


def target(score):
    p = torch.zeros(len(score), 5)
    for i, s in enumerate(score):
        k = floor(s)
        if k >= 5:
            p[i, 4] = 1
        else:
            p[i, k - 1] = k + 1 - s
            p[i, k] = s - k
    return p


def pack(rows):
    y = [r[2] for r in rows]
    return pad([r[0] for r in rows]), pad([r[1] for r in rows]), target(y), torch.tensor(y)


class Matcher(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(torch.tensor(np.stack(vecs)), freeze=True, padding_idx=0)
        self.proj = nn.Linear(50, 60)
        self.out = nn.Sequential(nn.Linear(180, 50), nn.Sigmoid(), nn.Linear(50, 5), nn.LogSoftmax(-1))

    def sentence(self, x):
        m = (x != 0).unsqueeze(-1)
        h = torch.tanh(self.proj(self.table(x)))
        return (h * m).sum(1) / m.sum(1), h.masked_fill(~m, -2.).max(1).values

    def forward(self, a, b):
        (ma, xa), (mb, xb) = self.sentence(a), self.sentence(b)
        return self.out(torch.cat([ma * mb, (ma - mb).abs(), (xa - xb).abs()], -1))


model = Matcher()
opt = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=3e-3, weight_decay=1e-4)
lr = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 6)
kl = nn.KLDivLoss(reduction='batchmean')
grid = torch.arange(1., 6.)
A, B, P, Y = pack(train)


@torch.no_grad()
def evaluate(rows):
    model.eval()
    a, b, p, y = pack(rows)
    lp = model(a, b)
    e = lp.exp() @ grid
    return kl(lp, p).item(), pearsonr(e, y)[0], spearmanr(e, y)[0], (e - y).pow(2).mean().item()


for epoch in range(6):
    model.train()
    total = 0.
    for idx in torch.randperm(len(A)).split(64):
        opt.zero_grad()
        loss = kl(model(A[idx], B[idx]), P[idx])
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    lr.step()
    k, r, rho, mse = evaluate(trial)
    print('epoch %d  train kl %.4f  trial kl %.4f  r %.3f' % (epoch + 1, total / len(A), k, r))
print('train r %.3f | test: kl %.4f  pearson %.3f  spearman %.3f  mse %.3f' % ((evaluate(train)[1],) + evaluate(test)))
