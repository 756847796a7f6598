# Customer reviews, NB-weighted bag of words, logistic regression. Full batch, L-BFGS, strong L2 on purpose.
# 5-fold cross-validation (a fresh model per fold), then the five models vote on a test part none has seen.
import os, re
import numpy as np
import torch
import torch.nn.functional as F

ROOT = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "CR")
texts, labels, seen = [], [], set()
for name, y in (("custrev.neg", 0), ("custrev.pos", 1)):
    for line in open(os.path.join(ROOT, name), encoding="latin-1"):
        t = re.findall(r"[a-z']+", line.lower())
        if len(t) > 1 and tuple(t) not in seen:
            seen.add(tuple(t)); texts.append(t); labels.append(y)
rng = np.random.RandomState(0)
order = rng.permutation(len(texts))
texts = [texts[i] for i in order]; labels = np.array(labels)[order]
n_test = 600
test_t, test_y = texts[:n_test], torch.tensor(labels[:n_test]).float()
texts, labels = texts[n_test:], labels[n_test:]


def vocabulary(ts):
    c = {}
    for t in ts:
        for w in set(t):
            c[w] = c.get(w, 0) + 1
    return {w: i for i, w in enumerate(sorted(w for w in c if c[w] >= 4))}


def binary(ts, v):
    X = torch.zeros(len(ts), len(v))
    for i, t in enumerate(ts):
        for w in t:
            if w in v:
                X[i, v[w]] = 1.0
    return X


folds = np.array_split(rng.permutation(len(texts)), 5)
votes, accs = torch.zeros(n_test), []
for k in range(5):
    tr = np.concatenate([folds[j] for j in range(5) if j != k]); dv = folds[k]
    v = vocabulary([texts[i] for i in tr])
    Xtr, ytr = binary([texts[i] for i in tr], v), torch.tensor(labels[tr]).float()
    p, q = 1 + Xtr[ytr == 1].sum(0), 1 + Xtr[ytr == 0].sum(0)
    r = (p / p.sum()).log() - (q / q.sum()).log()
    w = torch.zeros(len(v), requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    opt = torch.optim.LBFGS([w, b], lr=1, max_iter=25, line_search_fn="strong_wolfe")
    Xr = Xtr * r
    trace = []

    def closure():
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(Xr @ w + b, ytr) + 1e-3 * w.square().sum()
        loss.backward()
        trace.append(loss.item())
        return loss

    opt.step(closure)
    with torch.no_grad():
        acc = (((binary([texts[i] for i in dv], v) * r) @ w + b > 0) == torch.tensor(labels[dv]).bool()).float().mean().item()
        votes += torch.sigmoid((binary(test_t, v) * r) @ w + b)
    accs.append(acc)
    print(f"fold {k}: loss {trace[0]:.4f} -> {trace[-1]:.4f} in {len(trace)} evaluations, held-out fold {acc:.4f}")
maj = max(test_y.mean().item(), 1 - test_y.mean().item())
print(f"cv accuracy {np.mean(accs):.4f} +- {np.std(accs):.4f}; vote of the five on test {((votes / 5 > .5) == test_y.bool()).float().mean():.4f} (majority {maj:.4f})")
