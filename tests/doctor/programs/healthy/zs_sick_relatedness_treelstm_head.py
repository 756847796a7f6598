# Semantic relatedness on SICK with the output layer of Tai et al. 2015:
# scores 1..5 become a sparse target distribution, the loss is KL(target || prediction), the
# predicted score is the expectation.  Sentence vectors here are simply averaged GloVe, projected.
import gzip, math, os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from scipy.stats import pearsonr, spearmanr

DATA = os.environ['WORDFIT_DATA']
torch.manual_seed(1234)

torch.set_num_threads(1)
vocab, rows = {}, []
with gzip.open(DATA + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8') as f:
    for line in f:
        w, v = line.rstrip('\n').split(' ', 1)
        vocab[w] = len(rows)
        rows.append(np.fromstring(v, dtype=np.float32, sep=' '))
glove = torch.from_numpy(np.stack(rows))


def encode(s):
    ids = [vocab[w] for w in s.lower().split() if w in vocab]
    e = glove[ids]
    return torch.cat([e.mean(0), e.max(0).values]), set(s.lower().split())


def overlap(p, q):
    return [len(p & q) / len(p | q), len(p & q) / min(len(p), len(q))]


def read(name):
    a, b, o, y = [], [], [], []
    with open(f'{DATA}/glue/SICK/{name}', encoding='utf-8') as f:
        next(f)
        for line in f:
            _, s1, s2, score, _ = line.rstrip('\n').split('\t')
            (va, wa), (vb, wb) = encode(s1), encode(s2)
            a.append(va); b.append(vb); o.append(overlap(wa, wb)); y.append(float(score))
    return torch.stack(a), torch.stack(b), torch.tensor(o), torch.tensor(y)


def to_distribution(y, k=5):
    p = torch.zeros(len(y), k)
    lo = y.floor().clamp(max=k - 1)
    frac = y - lo
    idx = lo.long() - 1
    p.scatter_(1, idx[:, None], (1 - frac)[:, None])
    p.scatter_add_(1, idx[:, None] + 1, frac[:, None])
    return p


A, B, O, y = read('SICK_train.txt')
At, Bt, Ot, yt = read('SICK_test_annotated.txt')
At, Bt, Ot, yt = At[:2000], Bt[:2000], Ot[:2000], yt[:2000]
P = to_distribution(y)
assert torch.allclose(P @ torch.arange(1., 6.), y, atol=1e-5)


class Similarity(nn.Module):
    def __init__(self, d, mem=24, hid=24):
        super().__init__()
        self.proj = nn.Linear(d, mem)
        self.wh = nn.Linear(2 * mem + 4, hid)
        self.wp = nn.Linear(hid, 5)

    def forward(self, l, r, o):
        cos = torch.stack([F.cosine_similarity(l[:, :50], r[:, :50]), F.cosine_similarity(l[:, 50:], r[:, 50:])], 1)
        l, r = self.proj(l), self.proj(r)
        z = torch.cat([l * r, (l - r).abs(), 5 * cos, 4 * o], 1)
        return F.log_softmax(self.wp(torch.sigmoid(self.wh(z))), dim=1)


net = Similarity(A.shape[1])
opt = torch.optim.Adam(net.parameters(), lr=4e-3, weight_decay=1e-3)
E = 6
sch = torch.optim.lr_scheduler.OneCycleLR(opt, 4e-3, total_steps=E * math.ceil(len(y) / 60))
r = torch.arange(1., 6.)
for epoch in range(E):
    tot = 0.
    for i in torch.randperm(len(y)).split(60):
        swap = torch.rand(1).item() < .5             # relatedness is symmetric
        logp = net(B[i], A[i], O[i]) if swap else net(A[i], B[i], O[i])
        loss = F.kl_div(logp, P[i], reduction='batchmean')
        opt.zero_grad(); loss.backward(); opt.step(); sch.step()
        tot += loss.item() * len(i)
    with torch.no_grad():
        train_hat, hat = net(A, B, O).exp() @ r, net(At, Bt, Ot).exp() @ r
    print('epoch %d  kl %.4f  train r %.3f  test r %.3f  rho %.3f  mse %.3f (variance %.3f)' % (
        epoch, tot / len(y), pearsonr(train_hat, y)[0], pearsonr(hat, yt)[0], spearmanr(hat, yt)[0],
        F.mse_loss(hat, yt), yt.var()))
