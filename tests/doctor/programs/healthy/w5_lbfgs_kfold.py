# Customer reviews, 5-fold, class-weighted logistic regression fitted with L-BFGS (full batch, closure) on frozen word vectors.
import gzip, os
import numpy as np
import torch
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold

root = os.environ["WORDFIT_DATA"]
torch.manual_seed(0)

texts, y = [], []
for lab, ext in enumerate(["neg", "pos"]):
    with open(f"{root}/sentiment/CR/custrev.{ext}", encoding="latin-1") as fh:
        for line in dict.fromkeys(l.strip().lower() for l in fh):
            toks = line.split()
            if 4 <= len(toks) <= 60:
                texts.append(toks); y.append(lab)
y = np.array(y)
need = {w for t in texts for w in t}
vec = {}
with gzip.open(f"{root}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for line in fh:
        w, rest = line.split(" ", 1)
        if w in need:
            vec[w] = np.array(rest.split(), dtype=np.float32)


def features(toks):
    v = np.array([vec[w] for w in toks if w in vec])
    return None if len(v) == 0 else np.concatenate([v.mean(0), v.max(0)])


feats = [features(t) for t in texts]
keep = [i for i, f in enumerate(feats) if f is not None]
X, y = np.stack([feats[i] for i in keep]), y[keep]
# a text that occurs on both sides is dropped from both
X, first = np.unique(X, axis=0, return_index=True)
y = y[first]
print(X.shape, "positive share", round(float(y.mean()), 3))


def fit(X, y, l2=0.02, rounds=25):
    w = torch.zeros(X.shape[1], requires_grad=True)
    b = torch.zeros((), requires_grad=True)
    weight = torch.where(y == 1, .5 / y.mean(), .5 / (1 - y.mean()))
    solver = torch.optim.LBFGS([w, b], lr=1., max_iter=rounds, history_size=8, line_search_fn="strong_wolfe")
    trace = []

    def closure():
        solver.zero_grad()
        z = X @ w + b
        obj = (weight * torch.nn.functional.softplus(-(2 * y - 1) * z)).mean() + l2 * w.square().sum()
        obj.backward()
        trace.append(obj.item())
        return obj

    solver.step(closure)
    return w.detach(), b.detach(), trace


scores = []
for fold, (tr, te) in enumerate(StratifiedKFold(5, shuffle=True, random_state=4).split(X, y)):
    mu, sd = X[tr].mean(0), X[tr].std(0)
    A, B = (torch.from_numpy((X[i] - mu) / sd) for i in (tr, te))
    w, b, trace = fit(A, torch.from_numpy(y[tr]).float())
    p_tr, p_te = ((Z @ w + b > 0).long().numpy() for Z in (A, B))
    scores.append((f1_score(y[tr], p_tr, average="macro"), f1_score(y[te], p_te, average="macro"), (p_te == y[te]).mean()))
    print(f"fold {fold}: objective {trace[0]:.4f} -> {trace[-1]:.4f} in {len(trace)} calls, macro F1 train {scores[-1][0]:.3f} test {scores[-1][1]:.3f}")
print("mean macro F1 train %.3f test %.3f, accuracy %.3f" % tuple(np.mean(scores, 0)))
