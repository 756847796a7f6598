# Factorisation machine on an ad log. Every field=value string and every word of the ad title is hashed into
# one sparse table. Clicks are rare, so non-clicks are kept with rate R only and the predicted odds are
# corrected by R afterwards (He et al. 2014).
import random, numpy as np, torch
from hashlib import blake2b

random.seed(3); np.random.seed(3); torch.manual_seed(3)
D, M = 4, 1 << 12
KEEP = 0.4

titles = {'sport': 'running shoes marathon sale football kit fitness watch'.split(),
          'travel': 'cheap flights beach hotel weekend rome city break'.split(),
          'finance': 'credit card loan rate savings mortgage broker fund'.split(),
          'games': 'new console strategy puzzle download free levels arena'.split()}
sites = ['news', 'blog', 'forum', 'video', 'mail']
cats = list(titles)
taste = np.random.randn(40, 2)
attract = np.random.randn(len(cats), 2)

def roc_auc_score(y, p):
    rank = np.empty(len(p)); rank[np.argsort(p, kind='stable')] = np.arange(1, len(p) + 1)
    y = np.asarray(y) > 0
    return (rank[y].sum() - y.sum() * (y.sum() + 1) / 2) / (y.sum() * (~y).sum())

def log_loss(y, p):
    y = np.asarray(y)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))

def h(s):
    return int.from_bytes(blake2b(s.encode(), digest_size=4).digest(), 'little') % M

def impression():
    u = np.random.randint(40); c = np.random.randint(len(cats)); s = np.random.randint(len(sites)); hour = np.random.randint(24)
    ws = random.sample(titles[cats[c]], 3)
    z = -3.2 + 1.5 * taste[u] @ attract[c] + 0.5 * (s == 3) - 0.5 * (s == 4) + 0.4 * np.cos(hour / 24 * 2 * np.pi) + 0.5 * ('free' in ws) + 0.4 * ('sale' in ws)
    feats = [f'u={u}', f'c={cats[c]}', f's={sites[s]}', f'h={hour}'] + [f't={w}' for w in ws]
    return [h(f) for f in feats], float(np.random.rand() < 1 / (1 + np.exp(-z)))

log = [impression() for _ in range(12000)]
X = torch.tensor([a for a, _ in log]); Y = torch.tensor([b for _, b in log])
cut = 9500                                   # by time
keep = (Y[:cut] == 1) | (torch.rand(cut) < KEEP)
Xtr, Ytr = X[:cut][keep], Y[:cut][keep]
Xte, Yte = X[cut:], Y[cut:]
print('impressions', len(log), 'ctr %.3f' % Y.mean().item(), 'kept for training', len(Xtr), 'ctr there %.3f' % Ytr.mean().item())

bias = torch.zeros(1, requires_grad=True)
w = torch.nn.Embedding(M, 1, sparse=True)
v = torch.nn.Embedding(M, D, sparse=True)
torch.nn.init.zeros_(w.weight); torch.nn.init.normal_(v.weight, std=0.05)

def fm(x):
    lin = w(x).sum((1, 2))
    e = v(x)
    pair = 0.5 * (e.sum(1).pow(2) - e.pow(2).sum(1)).sum(1)
    return bias + lin + pair

sparse = torch.optim.SparseAdam([w.weight, v.weight], lr=0.008)
dense = torch.optim.SGD([bias], lr=0.1)
bce = torch.nn.functional.binary_cross_entropy_with_logits

def probs(x):
    with torch.no_grad():
        p = torch.sigmoid(fm(x))
    return (p / (p + (1 - p) / KEEP)).double().numpy()

for ep in range(6):
    tot = 0
    for idx in torch.randperm(len(Xtr)).split(100):
        sparse.zero_grad(); dense.zero_grad()
        z = fm(Xtr[idx])
        # weights of the rows in use only
        reg = 4e-3 * (v(Xtr[idx]).pow(2).sum((1, 2)) + w(Xtr[idx]).pow(2).sum((1, 2))).mean()
        loss = bce(z, Ytr[idx])
        (loss + reg).backward()
        sparse.step(); dense.step()
        tot += loss.item() * len(idx)
    p = probs(Xte)
    print(f'ep {ep} train bce {tot/len(Xtr):.4f} train auc {roc_auc_score(Ytr, probs(Xtr)):.3f} | test logloss {log_loss(Yte, p):.4f} auc {roc_auc_score(Yte, p):.3f}')

ctr = Y[:cut].mean().item()
print('constant ctr logloss %.4f' % log_loss(Yte, np.full(len(Yte), ctr)))
print('calibration: mean p %.4f, clicks %.4f' % (p.mean(), Yte.mean()))
for lo, hi in ((0, .5), (.5, .8), (.8, 1)):
    a, b = np.quantile(p, [lo, hi]); m = (p >= a) & (p <= b)
    print(f'  quantiles {lo}-{hi}: predicted {p[m].mean():.3f} observed {Yte.numpy()[m].mean():.3f}')
