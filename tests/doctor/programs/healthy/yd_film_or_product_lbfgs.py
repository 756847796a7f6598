# Logistic regression on GloVe statistics, full batch, L-BFGS with a closure. Is the sentence about a film (MR) or about a
# gadget (CR)?  L2 is chosen on a validation part, the test part is looked at once.
import gzip, os
import numpy as np, torch

torch.manual_seed(0)
D = os.environ['WORDFIT_DATA']
glove = {}
for line in gzip.open(D + '/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8'):
    w, v = line.split(' ', 1)
    glove[w] = v
parsed = {}
def vec(w):
    if w not in parsed:
        parsed[w] = np.array(glove[w].split(), dtype=np.float32)
    return parsed[w]

docs = {}
for name, y in (('MR/rt-polarity.pos', 1.), ('MR/rt-polarity.neg', 1.), ('CR/custrev.pos', 0.), ('CR/custrev.neg', 0.)):
    for line in open(D + '/sentiment/' + name, encoding='latin-1').readlines()[:1800]:
        t = tuple(w for w in line.split() if w.isalpha())
        if sum(w in glove for w in t) >= 3: docs[t] = y
docs = list(docs.items())
np.random.default_rng(0).shuffle(docs)
docs = docs[:5500]; print(len(docs), 'sentences')

def stats(t):
    e = np.stack([vec(w) for w in t if w in glove])
    return np.concatenate([e.mean(0), e.max(0), e.min(0)])

X = torch.from_numpy(np.stack([stats(t) for t, _ in docs])); y = torch.tensor([float(l) for _, l in docs])
tr, va, te = slice(0, 3800), slice(3800, 4500), slice(4500, 5500)
X = (X - X[tr].mean(0)) / X[tr].std(0)

def fit(l2, verbose=False):
    w = torch.zeros(X.shape[1], requires_grad=True)
    b = torch.zeros((), requires_grad=True)
    opt = torch.optim.LBFGS([w, b], lr=1, max_iter=5, history_size=10, line_search_fn='strong_wolfe')
    def closure():
        opt.zero_grad()
        z = X[tr] @ w + b
        # log(1 + exp(-s z)) with s = +-1
        loss = torch.logaddexp(torch.zeros(()), -(2 * y[tr] - 1) * z).mean() + l2 * w.dot(w)
        loss.backward()
        return loss
    for step in range(6):
        loss = opt.step(closure)
        if verbose:
            print('  outer step %d  objective %.4f' % (step, loss.item()))
    return w.detach(), b.detach()

def acc(m, part):
    return ((X[part] @ m[0] + m[1] > 0) == (y[part] > 0.5)).float().mean().item()

best = max((0.3, 0.03, 0.003), key=lambda l2: acc(fit(l2), va))
print('l2 =', best)
m = fit(best, verbose=True)
print('share of films in test %.3f' % y[te].mean())
print('train %.3f  validation %.3f  test %.3f' % (acc(m, tr), acc(m, va), acc(m, te)))
