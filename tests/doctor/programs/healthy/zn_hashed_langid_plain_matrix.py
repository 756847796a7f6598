# language id for tweets, hashing trick, one weight matrix, no nn at all
import os, zlib, random
import numpy as np, torch

random.seed(3); torch.manual_seed(3)
D = os.environ['WORDFIT_DATA'] + '/sentiment/umsab-multilingual/'
LANGS = ['arabic', 'english', 'french', 'german', 'italian', 'portuguese', 'spanish']
NB = 2 ** 13

def grams(s):
    s = ' ' + ' '.join(w for w in s.lower().split() if w[0] not in '@#' and not w.startswith('http')) + ' '
    return [s[i:i + n] for n in (1, 2, 3) for i in range(len(s) - n + 1)]

def read(split, n):
    out = []
    for y, l in enumerate(LANGS):
        for line in open(f'{D}{l}/{split}_text.txt', encoding='utf-8').read().split('\n')[:n]:
            if len(line) > 15:
                h = np.array([zlib.crc32(g.encode()) % NB for g in grams(line[:100])])
                u, c = np.unique(h, return_counts=True)
                v = np.sqrt(c); v /= np.linalg.norm(v)
                out.append((torch.from_numpy(u), torch.from_numpy(v).float(), y))
    return out

tr, te = read('train', 600), read('test', 200)

def csr(rows):
    ptr = torch.tensor([0] + [len(r[0]) for r in rows]).cumsum(0)
    return torch.sparse_csr_tensor(ptr, torch.cat([r[0] for r in rows]), torch.cat([r[1] for r in rows]),
                                   size=(len(rows), NB)), torch.tensor([r[2] for r in rows])

def scores(X, W, b):
    return X @ W + b

def xent(z, y):
    return (torch.logsumexp(z, 1) - z.gather(1, y[:, None])[:, 0]).mean()

def acc(rows):
    X, y = csr(rows)
    with torch.no_grad():
        return (scores(X, W, b).argmax(1) == y).float().mean().item()

W = torch.zeros(NB, len(LANGS), requires_grad=True)
b = torch.zeros(len(LANGS), requires_grad=True)
lr = 6.0
for ep in range(6):
    random.shuffle(tr)
    tot = 0.
    for i in range(0, len(tr), 64):
        X, y = csr(tr[i:i + 64])
        L = xent(scores(X, W, b), y)
        gW, gb = torch.autograd.grad(L, (W, b))
        with torch.no_grad():
            W -= lr * gW
            b -= lr * 0.1 * gb
        tot += L.item() * len(y)
    lr *= 0.6
    print('ep', ep, 'loss %.4f' % (tot / len(tr)), 'train %.3f test %.3f' % (acc(tr), acc(te)))
