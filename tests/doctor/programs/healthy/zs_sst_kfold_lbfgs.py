"""Baseline for the paper, table 2, row 1: logistic regression on an averaged vector
(GloVe 50d) next to the presence of 700 frequent words, three folds, full-batch L-BFGS.  No mini-batches, no epochs."""
import gzip
import os
from collections import Counter
import numpy as np
import torch
from sklearn.model_selection import StratifiedKFold

DATA = os.environ["WORDFIT_DATA"]
torch.manual_seed(0)


def vectors(name):
    table = {}
    with gzip.open(os.path.join(DATA, "vectors", name), "rt", encoding="utf-8") as fh:
        for line in fh:
            word, rest = line.split(" ", 1)
            table[word] = np.array(rest.split(), dtype=np.float32)
    return table


def mean_vector(tokens, table, dim):
    found = [table[t] for t in tokens if t in table]
    return np.mean(found, axis=0) if found else np.zeros(dim, dtype=np.float32)


wiki = vectors("glove.6B.50d.top10361.txt.gz")

labels, texts, seen = [], [], set()
with open(os.path.join(DATA, "sentiment/SST-2-sentences/stsa.binary.train"), encoding="utf-8") as fh:
    for line in fh:
        y, s = line.rstrip("\n").split(" ", 1)
        if s not in seen:
            seen.add(s)
            labels.append(int(y))
            texts.append(s.split())
dense = np.stack([mean_vector(t, wiki, 50) for t in texts])
y = np.array(labels)


def presence(rows, vocab):
    P = np.zeros((len(rows), len(vocab)), dtype=np.float32)
    for r, i in enumerate(rows):
        P[r, [vocab[t] for t in texts[i] if t in vocab]] = 1.0
    return P


print("rows", len(y), "positive", y.mean().round(3))

C = 0.004  # L2
scores = []
for k, (tr, te) in enumerate(StratifiedKFold(3, shuffle=True, random_state=1).split(dense, y)):
    freq = Counter(t for i in tr for t in set(texts[i]))
    vocab = {t: j for j, (t, _) in enumerate(freq.most_common(700))}
    mu, sd = dense[tr].mean(0), dense[tr].std(0) + 1e-6
    Xtr, Xte = (torch.from_numpy(np.hstack([(dense[i] - mu) / sd, presence(i, vocab)])) for i in (tr, te))
    ytr, yte = (torch.from_numpy(y[i]).float() for i in (tr, te))
    w = torch.zeros(Xtr.shape[1], requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    opt = torch.optim.LBFGS([w, b], lr=1.0, max_iter=40, history_size=10, line_search_fn="strong_wolfe")

    def closure():
        opt.zero_grad()
        nll = torch.nn.functional.binary_cross_entropy_with_logits(Xtr @ w + b, ytr)
        obj = nll + 0.5 * C * (w * w).sum()
        obj.backward()
        return obj

    final = opt.step(closure)
    final = closure()
    gnorm = w.grad.norm().item()
    with torch.no_grad():
        acc_tr = ((Xtr @ w + b > 0).float() == ytr).float().mean().item()
        acc_te = ((Xte @ w + b > 0).float() == yte).float().mean().item()
    scores.append(acc_te)
    print(f"fold {k}: objective {final.item():.4f} |g| {gnorm:.1e}  train {acc_tr:.3f}  held-out {acc_te:.3f}")
print(f"accuracy {np.mean(scores):.3f} +- {np.std(scores):.3f}  (majority {max(y.mean(), 1 - y.mean()):.3f})")
