# GloVe from scratch (Pennington et al. 2014) on Multi30k captions. A tenth of the non-zero cells is kept out of the fit.
import gzip, os, numpy as np, torch
from collections import Counter, defaultdict
torch.manual_seed(0); np.random.seed(0)
with gzip.open(os.environ['WORDFIT_DATA'] + '/seq2seq/multi30k/train.en.gz', 'rt') as f:
    sents = [l.lower().replace('.', '').split() for l in f][:7000]
vocab = {w: i for i, (w, c) in enumerate(Counter(w for s in sents for w in s).most_common(450))}
X = defaultdict(float)
for s in sents:
    ids = [vocab.get(w) for w in s]
    for i, a in enumerate(ids):
        if a is None: continue
        for dist in range(1, 6):
            if i >= dist and ids[i - dist] is not None:
                b = ids[i - dist]
                X[a, b] += 1 / dist; X[b, a] += 1 / dist
# (a, b) and (b, a) hold the same count, so a cell is kept out together with its mirror
cells = [(a, b, v) for (a, b), v in X.items() if v >= 1]
held = [hash((min(a, b), max(a, b), 17)) % 10 == 0 for a, b, _ in cells]
held = np.array(held)
ij = torch.tensor([c[:2] for c in cells]); x = torch.tensor([c[2] for c in cells])
logx, weight = x.log(), (x / 50).clamp(max=1) ** .75
tr = torch.from_numpy(np.flatnonzero(~held)); te = torch.from_numpy(np.flatnonzero(held))
print('cells: fit', len(tr), 'kept out', len(te))

D = 12
W, U = [torch.nn.Parameter((torch.rand(len(vocab), D) - .5) / D) for _ in 'ab']
bw, bu = [torch.nn.Parameter(torch.full((len(vocab),), logx.mean().item() / 2)) for _ in 'ab']
opt = torch.optim.Adagrad([{'params': [W, U], 'lr': .25}, {'params': [bw, bu], 'lr': .25}], initial_accumulator_value=1e-3)

def resid(k):
    i, j = ij[k, 0], ij[k, 1]
    return (W[i] * U[j]).sum(1) + bw[i] + bu[j] - logx[k]

def r2(k):
    with torch.no_grad():
        m = (weight[k] * logx[k]).sum() / weight[k].sum()
        return (1 - (weight[k] * resid(k) ** 2).sum() / (weight[k] * (logx[k] - m) ** 2).sum()).item()

for ep in range(7):
    for gr in opt.param_groups: gr['lr'] = .25 * (1 - ep / 7)
    s = 0.
    for k in tr[torch.randperm(len(tr))].split(512):
        loss = (weight[k] * resid(k) ** 2).mean() + 1e-3 * (W[ij[k, 0]] ** 2 + U[ij[k, 1]] ** 2).sum(1).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        s += loss.item() * len(k)
    print(f'[{ep}] J={s / len(tr):.4f}  weighted R2 fit {r2(tr):.3f}  kept out {r2(te):.3f}')
V = torch.nn.functional.normalize((W + U).detach(), dim=1)
names = list(vocab)
for q in ('man', 'blue', 'beach'):
    print(q, [names[n] for n in (V @ V[vocab[q]]).topk(5)[1].tolist()][1:])
