# exercise sheet 4: softmax regression without torch.optim and without autograd, 4-fold cross validation,
# averaged (EMA) weights are what gets evaluated
import gzip, os, itertools, re
import torch

g = torch.Generator().manual_seed(44)
root = os.path.join(os.environ['WORDFIT_DATA'], 'corpora')
DIM = 1500

def docs(fn, n):
    got = []
    with gzip.open(os.path.join(root, fn), 'rt', encoding='utf-8') as fh:
        for para in itertools.islice(fh, 6000):
            w = re.findall('[a-z]+', para.lower().replace('<br />', ' '))[:60]
            if len(w) >= 20: got.append(w)
            if len(got) == n: break
    return got

sources = ['brown.txt.gz', 'imdb-unsup-25k.txt.gz', 'enwiki-2018-sample.txt.gz']
texts, y = [], []
for k, s in enumerate(sources):
    d = docs(s, 500)
    texts += d; y += [k] * len(d)
y = torch.tensor(y)
count = {}
for t in texts:
    for w in set(t): count[w] = count.get(w, 0) + 1
top = {w: i for i, w in enumerate(sorted(count, key=count.get, reverse=True)[:DIM])}
X = torch.zeros(len(texts), DIM)
for r, t in enumerate(texts):
    for w in t:
        if w in top: X[r, top[w]] = 1.
X = X / X.norm(dim=1, keepdim=True).clamp(min=1.)

def softmax(z):
    e = (z - z.max(1, keepdim=True).values).exp()
    return e / e.sum(1, keepdim=True)

perm = torch.randperm(len(y), generator=g)
folds = perm.chunk(4)
scores = []
for f in range(4):
    va = folds[f]
    tr = torch.cat([folds[j] for j in range(4) if j != f])
    W, b = torch.zeros(DIM, 3), torch.zeros(3)
    We, be = W.clone(), b.clone()
    for epoch in range(8):
        lr = 2.0 / (1 + 0.3 * epoch)
        nll = 0.
        for i in tr[torch.randperm(len(tr), generator=g)].split(25):
            P = softmax(X[i] @ W + b)
            nll -= P[torch.arange(len(i)), y[i]].log().sum().item()
            G = P.clone()
            G[torch.arange(len(i)), y[i]] -= 1
            W -= lr * (X[i].T @ G / len(i) + 1e-3 * W)
            b -= lr * G.mean(0)
            We += 0.05 * (W - We); be += 0.05 * (b - be)
    acc = lambda ix: ((X[ix] @ We + be).argmax(1) == y[ix]).float().mean().item()
    scores.append(acc(va))
    print(f'fold {f}: nll {nll/len(tr):.3f} train {acc(tr):.3f} held out {scores[-1]:.3f}')
print('cross-validated accuracy %.3f' % (sum(scores) / 4))
