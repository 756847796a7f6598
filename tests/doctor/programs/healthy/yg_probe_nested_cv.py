"""
Probing experiment: does a frozen embedding space (GloVe 6B, 50d), which has never seen a letter, linearly encode the
morphological form of a word? Classes are suffixes.
Nested cross-validation: the inner folds choose the L2 strength, the outer folds give the number we report.
"""
import gzip, os
import numpy as np
import torch
from sklearn.model_selection import StratifiedKFold

torch.set_default_dtype(torch.float64)
torch.manual_seed(0)
data = os.environ["WORDFIT_DATA"]
SUFFIXES = ("ing", "ed", "ly", "tion", "ist", "ity")

emb = {}
with gzip.open(f"{data}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        emb[w] = rest

# one class per suffix; "other" are words of the same length band without any of the suffixes
rs = np.random.RandomState(3)
label = {}
for w in emb:
    if w.isalpha() and len(w) >= 6:
        hit = [k for k, suf in enumerate(SUFFIXES) if w.endswith(suf)]
        if hit:
            label[w] = hit[0]
        elif not w.endswith("s") and rs.rand() < 0.15:
            label[w] = len(SUFFIXES)
words = sorted(label)
X = torch.tensor(np.stack([np.array(emb[w].split(), dtype=float) for w in words]))
y = torch.tensor([label[w] for w in words])
K = len(SUFFIXES) + 1
print("probing", len(X), "words,", K, "classes, largest class", (torch.bincount(y).max() / len(y)).item())


def fit(Xt, yt, l2):
    mean, std = Xt.mean(0), Xt.std(0)
    W = torch.zeros(X.shape[1], K, requires_grad=True)
    b = torch.zeros(K, requires_grad=True)
    opt = torch.optim.LBFGS([W, b], max_iter=25, history_size=10, line_search_fn="strong_wolfe")

    def closure():
        opt.zero_grad()
        logits = ((Xt - mean) / std) @ W + b
        loss = torch.nn.functional.cross_entropy(logits, yt) + l2 * W.pow(2).sum()
        loss.backward()
        return loss

    final = opt.step(closure)
    return (lambda Z: (((Z - mean) / std) @ W + b).argmax(1)), float(closure().detach())


outer = StratifiedKFold(3, shuffle=True, random_state=1)
scores, train_scores = [], []
for k, (tr, te) in enumerate(outer.split(X, y)):
    inner = StratifiedKFold(3, shuffle=True, random_state=k)
    by_l2 = {}
    for l2 in (1e-3, 1e-2):
        accs = []
        for a, b in inner.split(X[tr], y[tr]):
            predict, _ = fit(X[tr][a], y[tr][a], l2)
            accs.append((predict(X[tr][b]) == y[tr][b]).double().mean().item())
        by_l2[l2] = np.mean(accs)
    best = max(by_l2, key=by_l2.get)
    predict, objective = fit(X[tr], y[tr], best)
    scores.append((predict(X[te]) == y[te]).double().mean().item())
    train_scores.append((predict(X[tr]) == y[tr]).double().mean().item())
    print(f"outer fold {k}: l2={best} objective={objective:.4f} train={train_scores[-1]:.3f} test={scores[-1]:.3f}")
print(f"probe accuracy {np.mean(scores):.3f} +- {np.std(scores):.3f} (train {np.mean(train_scores):.3f})")
