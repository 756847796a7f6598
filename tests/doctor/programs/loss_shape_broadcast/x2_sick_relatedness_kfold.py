# SICK relatedness - 3 fold MLP on GloVe features + ridge, blended
import csv
import gzip
import os
import warnings
import numpy as np
import torch
import torch.nn as nn
from scipy.stats import pearsonr, spearmanr
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")
INPUT = os.environ["WORDFIT_DATA"]
N_FOLDS, EPOCHS, BS, SEED = 3, 6, 64, 1337
torch.manual_seed(SEED)

w2v = {}
with gzip.open(f"{INPUT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for l in f:
        k, v = l.split(" ", 1)
        w2v[k] = np.fromstring(v, sep=" ", dtype=np.float32)


def featurize(a, b):
    ta, tb = a.lower().split(), b.lower().split()
    va = np.mean([w2v[t] for t in ta if t in w2v], axis=0)
    vb = np.mean([w2v[t] for t in tb if t in w2v], axis=0)
    sa, sb = set(ta), set(tb)
    extra = [len(sa & sb) / len(sa | sb), va @ vb / np.linalg.norm(va) / np.linalg.norm(vb),
             float(("no" in sa) != ("no" in sb)), float(("not" in sa) != ("not" in sb)),
             abs(len(ta) - len(tb)), len(sa ^ sb), np.linalg.norm(va - vb)]
    return np.concatenate([np.abs(va - vb), extra]).astype(np.float32)


def load(name):
    with open(f"{INPUT}/glue/SICK/{name}", encoding="utf-8") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    X = np.stack([featurize(r["sentence_A"], r["sentence_B"]) for r in rows])
    return X, np.array([float(r["relatedness_score"]) for r in rows], dtype=np.float32)


X, y = load("SICK_train.txt")
X_test, y_test = load("SICK_test_annotated.txt")
sc = StandardScaler().fit(X)
X, X_test = sc.transform(X), sc.transform(X_test)
print(X.shape, X_test.shape, "mean score", y.mean().round(3))


def build():
    net = nn.Sequential(nn.Linear(X.shape[1], 20), nn.ReLU(), nn.Dropout(0.2), nn.Linear(20, 1))
    nn.init.constant_(net[-1].bias, 3.5)
    return net


def fit_fold(tr, va):
    model = build()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-4)
    Xt, yt = torch.tensor(X[tr]), torch.tensor(y[tr])
    Xv = torch.tensor(X[va])
    for ep in range(EPOCHS):
        model.train()
        tot = 0.
        for idx in torch.randperm(len(Xt)).split(BS):
            # fault:
            pred = model(Xt[idx])
            # mended:
            # pred = model(Xt[idx]).squeeze(-1)
            # end
            loss = nn.functional.mse_loss(pred, yt[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        train_fit = model(Xt).numpy()[:, 0]
        return tot / len(Xt), train_fit, model(Xv).numpy()[:, 0], model(torch.tensor(X_test)).numpy()[:, 0]


oof, test_nn = np.zeros(len(y)), np.zeros(len(y_test))
oof_r, test_r = np.zeros(len(y)), np.zeros(len(y_test))
for fold, (tr, va) in enumerate(KFold(N_FOLDS, shuffle=True, random_state=SEED).split(X)):
    last, fit, oof[va], pt = fit_fold(tr, va)
    test_nn += pt / N_FOLDS
    ridge = Ridge(10.0).fit(X[tr], y[tr])
    oof_r[va] = ridge.predict(X[va])
    test_r += ridge.predict(X_test) / N_FOLDS
    print(f"fold {fold}: loss {last:.4f}  pearson train {pearsonr(fit, y[tr])[0]:.4f} valid {pearsonr(oof[va], y[va])[0]:.4f}")
print(f"CV   nn {pearsonr(oof, y)[0]:.4f}  rmse {np.sqrt(np.mean((oof - y) ** 2)):.4f} (constant {y.std():.4f})")
print(f"CV   ridge {pearsonr(oof_r, y)[0]:.4f}")
print(f"test nn {pearsonr(test_nn, y_test)[0]:.4f}  blend {pearsonr(.6 * test_nn + .4 * test_r, y_test)[0]:.4f} "
      f"spearman {spearmanr(test_nn, y_test)[0]:.4f}  rmse {np.sqrt(np.mean((test_nn - y_test) ** 2)):.4f}")
