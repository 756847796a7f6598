# Out-of-fold predictions for stacking. All K models are trained at once: every weight has a leading fold axis,
# the whole table goes through all of them, and a 0/1 matrix says which rows count for which model.
import gzip, os
import numpy as np
import torch
import torch.nn.functional as F

DATA = os.environ['WORDFIT_DATA']
K, H, PER_CLASS = 5, 24, 500
gen = torch.Generator().manual_seed(11)

vec = {}
for line in gzip.open(DATA + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf8'):
    w, *v = line.rstrip().split(' ')
    vec[w] = np.array(v, dtype=np.float32)

def sentences(kind):
    if kind == 'review':
        rows = open(DATA + '/sentiment/MR/rt-polarity.pos', encoding='latin-1').readlines()
    elif kind == 'finance':
        rows = [r.rsplit('@', 1)[0] for r in open(DATA + '/sentiment/financial-phrasebank/Sentences_50Agree.txt', encoding='utf8')]
    else:
        rows = [r.split('\t')[1] for r in open(DATA + '/glue/SNLI/train_subset8999.tsv', encoding='utf8')][1:]
    rows = list(dict.fromkeys(r.lower().strip().rstrip('.') for r in rows))
    np.random.RandomState(1).shuffle(rows)
    return rows

X, y = [], []
for c, kind in enumerate(['review', 'finance', 'caption']):
    n = 0
    for s in sentences(kind):
        vs = [vec[t] for t in s.split() if t in vec]
        if len(vs) < 3: continue
        X.append(np.mean(vs, 0)); y.append(c); n += 1
        if n == PER_CLASS: break
X = torch.tensor(np.array(X)); y = torch.tensor(y)
N, D, C = len(X), X.shape[1], 3

fold = torch.arange(N)[torch.randperm(N, generator=gen)] % K
keep = (fold[None] != torch.arange(K)[:, None]).float()            # K x N

def new(*shape, scale):
    return (torch.randn(*shape, generator=gen) * scale).requires_grad_()
W1, b1 = new(K, D, H, scale=D ** -.5), torch.zeros(K, 1, H, requires_grad=True)
W2, b2 = new(K, H, C, scale=H ** -.5), torch.zeros(K, 1, C, requires_grad=True)
params = [W1, b1, W2, b2]
opt = torch.optim.Adam(params, lr=.02, weight_decay=1e-4)

def forward(x):                       # N x D -> K x N x C
    h = torch.tanh(torch.matmul(x, W1) + b1)
    return torch.matmul(h, W2) + b2

for it in range(8):
    perm = torch.randperm(N, generator=gen)
    for idx in perm.split(128):
        logits = forward(X[idx])
        target = y[idx].expand(K, -1)
        ce = F.cross_entropy(logits.permute(0, 2, 1), target, reduction='none')
        w = keep[:, idx]
        loss = ((ce * w).sum(1) / w.sum(1)).sum()    # models don't share weights, so the sum is K separate losses
        opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad():
        out = forward(X)
        right = (out.argmax(-1) == y).float()
        oof = out.softmax(-1)[fold, torch.arange(N)]
        print(f'epoch {it + 1}  loss/model {loss.item() / K:.3f}  in-fold acc {(right * keep).sum() / keep.sum():.4f}'
              f'  out-of-fold acc {(oof.argmax(-1) == y).float().mean():.4f}')
print('oof log loss %.4f' % F.nll_loss(oof.clamp_min(1e-7).log(), y).item())
