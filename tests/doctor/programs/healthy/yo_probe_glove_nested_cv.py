"""Linear probe on averaged GloVe vectors, IMDB reviews.
Inner folds choose the ridge penalty, outer folds score. LBFGS on the full batch, as in the probing papers."""
import gzip, os
import numpy as np
import torch

torch.manual_seed(0)
rng = np.random.default_rng(0)
D = os.environ['WORDFIT_DATA']

vec = {}
with gzip.open(f'{D}/vectors/glove.6B.50d.top10361.txt.gz', 'rt', encoding='utf-8') as f:
    for line in f:
        w, *v = line.rstrip().split(' ')
        vec[w] = np.array(v, dtype=np.float32)

X, y, seen = [], [], set()
for line in gzip.open(f'{D}/sentiment/imdb/train.tsv.gz', 'rt', encoding='utf-8'):
    if rng.random() > .16:                # a sample of the 25000
        continue
    lab, _, _, text = line.rstrip('\n').split('\t')
    known = [vec[t] for t in text.lower().replace('.', ' ').replace(',', ' ').split() if t in vec][:250]
    if lab not in '01' or len(known) < 3 or text in seen:
        continue
    seen.add(text)
    X.append(np.mean(known, axis=0))
    y.append(int(lab))
X, y = np.stack(X), np.array(y)
print('features', X.shape, 'positive share', y.mean().round(3))


def standardise(a, *others):
    mu, sd = a.mean(0), a.std(0) + 1e-6
    return [torch.from_numpy((z - mu) / sd) for z in (a, *others)]


def fit_probe(x, t, lam):
    w = torch.zeros(x.shape[1], requires_grad=True)
    b = torch.zeros((), requires_grad=True)
    opt = torch.optim.LBFGS([w, b], lr=1.0, max_iter=25, history_size=10, line_search_fn='strong_wolfe')

    def closure():
        opt.zero_grad()
        z = x @ w + b
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z, t) + lam * w.pow(2).sum()
        loss.backward()
        return loss
    for _ in range(2):
        final = opt.step(closure).item()
    return w.detach(), b.detach(), final


def acc(x, t, w, b):
    return (((x @ w + b) > 0).float() == t).float().mean().item()


order = rng.permutation(len(y))
outer = np.array_split(order, 3)
outer_scores = []
for k, test_idx in enumerate(outer):
    rest = np.concatenate([f for j, f in enumerate(outer) if j != k])
    inner = np.array_split(rest, 3)
    best = None
    for lam in (1e-4, 1e-2, 1e-1):
        sc = []
        for i in range(3):
            tr = np.concatenate([f for j, f in enumerate(inner) if j != i])
            a, b_ = standardise(X[tr], X[inner[i]])
            w, b, _ = fit_probe(a, torch.from_numpy(y[tr]).float(), lam)
            sc.append(acc(b_, torch.from_numpy(y[inner[i]]).float(), w, b))
        if best is None or np.mean(sc) > best[0]:
            best = (np.mean(sc), lam)
    xtr, xte = standardise(X[rest], X[test_idx])
    ttr, tte = torch.from_numpy(y[rest]).float(), torch.from_numpy(y[test_idx]).float()
    w, b, obj = fit_probe(xtr, ttr, best[1])
    outer_scores.append(acc(xte, tte, w, b))
    print(f'outer {k}: lambda={best[1]:g} inner={best[0]:.3f} objective={obj:.4f} '
          f'train={acc(xtr, ttr, w, b):.3f} test={outer_scores[-1]:.3f}')
print(f'nested cv accuracy {np.mean(outer_scores):.4f} +- {np.std(outer_scores):.4f}')
