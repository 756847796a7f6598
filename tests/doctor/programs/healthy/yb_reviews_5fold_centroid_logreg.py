# Kaggle style: customer reviews, 5 folds, out-of-fold predictions, blend of the fold models on a private test part
import gzip, os, warnings
import numpy as np
import torch
from sklearn.model_selection import StratifiedKFold
from sklearn.metrics import roc_auc_score, balanced_accuracy_score

SEED = 2019
N_FOLDS = 5
DIR = os.environ["WORDFIT_DATA"]
np.random.seed(SEED); torch.manual_seed(SEED)

texts, y = [], []
for ending, label in (("pos", 1), ("neg", 0)):
    with open(f"{DIR}/sentiment/CR/custrev.{ending}", encoding="latin-1") as f:
        for line in f:
            texts.append(" ".join(line.lower().split())); y.append(label)
# duplicates would sit in several folds
uniq = {}
for t, l in zip(texts, y):
    uniq.setdefault(t, l)
texts, y = list(uniq), np.array(list(uniq.values()), dtype=np.float32)
print(len(texts), "reviews, positive:", y.mean().round(3))

vocab = {w for t in texts for w in t.split()}
emb = {}
with gzip.open(f"{DIR}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
    f.readline()
    for line in f:
        w, rest = line.split(" ", 1)
        if w in vocab:
            emb[w] = np.fromstring(rest, sep=" ", dtype=np.float32)
print(f"{len(emb)} of {len(vocab)} words covered")


def featurize(t):
    v = [emb[w] for w in t.split() if w in emb]
    return np.concatenate([np.mean(v, 0), np.max(v, 0) * .5]) if v else np.zeros(600, np.float32)


X = np.stack([featurize(t) for t in texts]).astype(np.float32)
perm = np.random.permutation(len(y))
priv, pub = perm[:600], perm[600:]
Xp, yp = X[priv], y[priv]
X, y = X[pub], y[pub]

oof, blend = np.zeros(len(y)), np.zeros(len(yp))
for fold, (tr, va) in enumerate(StratifiedKFold(N_FOLDS, shuffle=True, random_state=SEED).split(X, y)):
    mu, sd = X[tr].mean(0), X[tr].std(0).clip(1e-3)
    A, V, P = (torch.from_numpy((m - mu) / sd) for m in (X[tr], X[va], Xp))
    t = torch.from_numpy(y[tr])
    w = torch.zeros(A.shape[1], requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([{"params": [w], "weight_decay": 0.12}, {"params": [b]}], lr=0.02, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 8)
    loss_fn = torch.nn.BCEWithLogitsLoss(pos_weight=(1 - t).sum() / t.sum())
    hist = []
    for epoch in range(8):
        s = 0
        for ix in torch.randperm(len(t)).split(128):
            optimizer.zero_grad()
            loss = loss_fn(A[ix] @ w + b, t[ix])
            loss.backward()
            optimizer.step()
            s += loss.item() * len(ix)
        scheduler.step()
        with torch.no_grad():
            hist.append(round(roc_auc_score(y[va], (V @ w + b).numpy()), 4))
    with torch.no_grad():
        oof[va] = torch.sigmoid(V @ w + b).numpy()
        blend += torch.sigmoid(P @ w + b).numpy() / N_FOLDS
        auc_tr = roc_auc_score(y[tr], (A @ w + b).numpy())
    print(f"fold {fold}: last loss {s / len(t):.4f}  train auc {auc_tr:.4f}  val auc by epoch {hist[1::2]}")
print(f"OOF auc {roc_auc_score(y, oof):.4f}  balanced acc {balanced_accuracy_score(y, oof > .5):.4f}")
print(f"private: auc {roc_auc_score(yp, blend):.4f}  balanced acc {balanced_accuracy_score(yp, blend > .5):.4f}")
