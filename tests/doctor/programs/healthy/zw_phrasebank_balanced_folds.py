# Finance headlines: class_weight="balanced" logistic regression, formerly a scikit-learn pipeline.
# The estimator is now torch + LBFGS so that it can be exported with the rest of our models.
import os
import re
import numpy as np
import torch
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import confusion_matrix, f1_score
from sklearn.model_selection import StratifiedKFold
from sklearn.utils.class_weight import compute_class_weight

SEED = 13
path = os.path.join(os.environ["WORDFIT_DATA"], "sentiment/financial-phrasebank/Sentences_50Agree.txt")
names = ["negative", "neutral", "positive"]

rows = {}
for line in open(path, encoding="utf-8"):
    text, _, label = line.rstrip("\r\n").rpartition("@")
    key = re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()
    rows.setdefault(key, (text, names.index(label)))      # drop the repeated headlines
texts = np.array([t for t, _ in rows.values()], dtype=object)
y = np.array([l for _, l in rows.values()])
print(len(y), "unique headlines", dict(zip(names, np.bincount(y))))


class TorchLogReg:
    """multinomial logistic regression, penalty l2, solver lbfgs"""

    def __init__(self, C=1.0, max_iter=40):
        self.C, self.max_iter = C, max_iter

    def fit(self, X, y):
        X = torch.as_tensor(X, dtype=torch.float64)
        t = torch.as_tensor(y)
        k = int(t.max()) + 1
        cw = torch.as_tensor(compute_class_weight("balanced", classes=np.arange(k), y=y))
        self.coef_ = torch.zeros(X.shape[1], k, dtype=torch.float64, requires_grad=True)
        self.intercept_ = torch.zeros(k, dtype=torch.float64, requires_grad=True)
        opt = torch.optim.LBFGS([self.coef_, self.intercept_], lr=1, max_iter=self.max_iter,
                                line_search_fn="strong_wolfe")
        self.history_ = []

        def closure():
            opt.zero_grad()
            logp = torch.log_softmax(X @ self.coef_ + self.intercept_, 1)
            nll = -(cw[t] * logp[torch.arange(len(t)), t]).sum()
            obj = (self.C * nll + 0.5 * self.coef_.pow(2).sum()) / len(t)
            obj.backward()
            self.history_.append(obj.item())
            return obj

        opt.step(closure)                                 # the whole fit is one step() of LBFGS
        return self

    def predict(self, X):
        with torch.no_grad():
            return (torch.as_tensor(X, dtype=torch.float64) @ self.coef_ + self.intercept_).argmax(1).numpy()


oof = np.zeros_like(y)
for fold, (tr, va) in enumerate(StratifiedKFold(3, shuffle=True, random_state=SEED).split(texts, y)):
    vec = TfidfVectorizer(sublinear_tf=True, min_df=3)
    svd = TruncatedSVD(100, n_iter=1, random_state=SEED)
    A = svd.fit_transform(vec.fit_transform(texts[tr]))   # fitted inside the fold
    B = svd.transform(vec.transform(texts[va]))
    mu, sd = A.mean(0), A.std(0)
    A, B = (A - mu) / sd, (B - mu) / sd
    clf = TorchLogReg(C=0.02).fit(A, y[tr])
    oof[va] = clf.predict(B)
    print(f"fold {fold}: {len(clf.history_)} evaluations, objective {clf.history_[0]:.3f} -> {clf.history_[-1]:.3f}, "
          f"macro F1 train {f1_score(y[tr], clf.predict(A), average='macro'):.3f} "
          f"valid {f1_score(y[va], oof[va], average='macro'):.3f}")
print(confusion_matrix(y, oof))
print(f"out of fold macro F1 {f1_score(y, oof, average='macro'):.3f} accuracy {(y == oof).mean():.3f} "
      f"(majority {np.bincount(y).max() / len(y):.3f})")
