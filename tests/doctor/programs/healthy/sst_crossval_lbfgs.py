# 4-fold cross-validation of a ridge-penalised logistic regression on averaged news vectors (SST, binary).
# Full-batch L-BFGS, double precision, weights from zero.
import os, gzip
import numpy as np, torch
from sklearn.model_selection import StratifiedKFold

torch.set_default_dtype(torch.float64)
D = os.environ['WORDFIT_DATA']
lines = open(D + '/sentiment/SST-2-sentences/stsa.binary.train', encoding='utf-8').read().splitlines()[:4500]
y = np.array([int(l[0]) for l in lines])
docs = [l[2:].split() for l in lines]
vocab = {w for d in docs for w in d}

vec = {}
with gzip.open(D + '/vectors/word2vec.GoogleNews.300d.13598words.txt.gz', 'rt', encoding='utf-8') as f:
    n, dim = f.readline().split()
    for l in f:
        k = l.index(' ')
        if l[:k] in vocab:
            vec[l[:k]] = np.array(l[k + 1:].split(), dtype=float)
dim = int(dim)

X = np.stack([np.mean([vec[w] for w in d if w in vec] or [np.zeros(dim)], axis=0) for d in docs])


def fit(Xt, yt, C=1e-2):
    w = torch.zeros(Xt.shape[1], requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    opt = torch.optim.LBFGS([w, b], lr=1, max_iter=10, line_search_fn='strong_wolfe')

    def closure():
        opt.zero_grad()
        z = Xt @ w + b
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z, yt) + C * (w @ w)
        loss.backward()
        return loss

    for outer in range(3):
        last = opt.step(closure)
    return w.detach(), b.detach(), last.item()


scores = []
for fold, (a, h) in enumerate(StratifiedKFold(4, shuffle=True, random_state=0).split(X, y)):
    mu, sd = X[a].mean(0), X[a].std(0)
    Xa, Xh = (torch.from_numpy((X[i] - mu) / sd) for i in (a, h))
    ya, yh = torch.from_numpy(y[a]).double(), torch.from_numpy(y[h]).double()
    w, b, loss = fit(Xa, ya)
    tr = ((Xa @ w + b > 0).double() == ya).double().mean().item()
    te = ((Xh @ w + b > 0).double() == yh).double().mean().item()
    scores.append(te)
    print('fold %d   objective %.4f   fit %.3f   held out %.3f' % (fold, loss, tr, te))
print('mean %.4f  std %.4f' % (np.mean(scores), np.std(scores)))
