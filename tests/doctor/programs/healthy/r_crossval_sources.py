# Which source is a sentence from (Brown news, Reuters, film reviews)? 5-fold cross validation of a logistic regression on averaged vectors, trained in torch
# One fresh model per fold; standardisation is fitted on the training folds only.
import os
import gzip
import numpy as np
import torch
import torch.nn as nn
from sklearn.model_selection import StratifiedKFold
from sklearn.metrics import f1_score

np.random.seed(0)
ROOT = os.environ["WORDFIT_DATA"]


def load_glove(path):
    d = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            k, v = line.split(" ", 1)
            d[k] = np.array(v.split(), dtype=np.float32)
    return d


glove = load_glove(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz")
SOURCES = ["corpora/brown.txt.gz", "corpora/reuters-21578-bodies.txt.gz", "sentiment/MR/rt-polarity.pos"]
docs, labels = [], []
for y, name in enumerate(SOURCES):
    opener = gzip.open if name.endswith("gz") else open
    n, seen = 0, set()
    for line in opener(f"{ROOT}/{name}", "rt", encoding="latin-1"):
        toks = [t for t in line.lower().split() if t.isalpha() and t in glove]
        if len(toks) < 6 or tuple(toks) in seen:
            continue
        seen.add(tuple(toks))
        docs.append(np.stack([glove[t] for t in toks]).mean(0))
        labels.append(y)
        n += 1
        if n == 900:
            break
X = np.stack(docs)
y = np.array(labels)
print("sentences", X.shape, "per class", np.bincount(y))


def fit(Xa, ya, epochs=8, lr=0.02, l2=1e-3, bs=64):
    Xa, ya = torch.from_numpy(Xa), torch.from_numpy(ya)
    net = nn.Linear(Xa.shape[1], 3)
    nn.init.zeros_(net.weight)
    nn.init.zeros_(net.bias)
    ce = nn.CrossEntropyLoss()
    opt = torch.optim.Adam(net.parameters(), lr=lr)
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.75)
    for _ in range(epochs):
        for b in torch.randperm(len(Xa)).split(bs):
            loss = ce(net(Xa[b]), ya[b]) + l2 * net.weight.pow(2).sum()
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
    return net, loss.item()


acc, f1, acc_tr = [], [], []
for k, (tr, te) in enumerate(StratifiedKFold(5, shuffle=True, random_state=0).split(X, y)):
    torch.manual_seed(k)
    mu, sd = X[tr].mean(0), X[tr].std(0)
    Z = ((X - mu) / sd).astype(np.float32)
    net, last = fit(Z[tr], y[tr])
    with torch.no_grad():
        pred = net(torch.from_numpy(Z)).argmax(1).numpy()
    acc_tr.append((pred[tr] == y[tr]).mean())
    acc.append((pred[te] == y[te]).mean())
    f1.append(f1_score(y[te], pred[te], average="macro"))
    print(f"fold {k}: last loss {last:.3f} train acc {acc_tr[-1]:.3f} test acc {acc[-1]:.3f} macro F1 {f1[-1]:.3f}")
print(f"mean: train {np.mean(acc_tr):.3f} test {np.mean(acc):.3f} +- {np.std(acc):.3f}, macro F1 {np.mean(f1):.3f}")
