import numpy as np, torch
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

GRID = [dict(width=4, wd=1e-3), dict(width=16, wd=1e-1)]
EPOCHS = 7


class MLPClassifier:
    """sklearn-like wrapper, so that the validation code below stays short"""

    def __init__(self, width, wd, seed=0):
        self.width, self.wd, self.seed = width, wd, seed

    def fit(self, X, y):
        torch.manual_seed(self.seed)
        self.scaler_ = StandardScaler().fit(X)
        X = torch.as_tensor(self.scaler_.transform(X), dtype=torch.float32)
        y = torch.as_tensor(y, dtype=torch.float32)
        self.module_ = torch.nn.Sequential(torch.nn.Linear(X.shape[1], self.width), torch.nn.SiLU(), torch.nn.Linear(self.width, 1))
        opt = torch.optim.AdamW(self.module_.parameters(), lr=0.02, weight_decay=self.wd)
        self.module_.train()
        for _ in range(EPOCHS):
            for i in torch.randperm(len(X)).split(32):
                opt.zero_grad()
                out = self.module_(X[i]).flatten()
                loss = torch.nn.functional.binary_cross_entropy_with_logits(out, y[i])
                loss.backward()
                opt.step()
        return self

    @torch.no_grad()
    def decision_function(self, X):
        self.module_.eval()
        X = torch.as_tensor(self.scaler_.transform(X), dtype=torch.float32)
        return self.module_(X).flatten().numpy()

    def score(self, X, y):
        return float(((self.decision_function(X) > 0) == y).mean())


X, y = load_breast_cancer(return_X_y=True)
outer = StratifiedKFold(3, shuffle=True, random_state=1)
outer_scores, outer_auc = [], []
for o, (dev, test) in enumerate(outer.split(X, y)):
    inner = StratifiedKFold(2, shuffle=True, random_state=10 + o)
    means = []
    for params in GRID:
        inner_scores = [MLPClassifier(**params).fit(X[dev][a], y[dev][a]).score(X[dev][b], y[dev][b]) for a, b in inner.split(X[dev], y[dev])]
        means.append(np.mean(inner_scores))
    best = GRID[int(np.argmax(means))]
    clf = MLPClassifier(**best).fit(X[dev], y[dev])       # refit on the whole outer training part
    outer_scores.append(clf.score(X[test], y[test]))
    outer_auc.append(roc_auc_score(y[test], clf.decision_function(X[test])))
    print(f'outer {o}: inner means {np.round(means, 4)}, chose {best}, train {clf.score(X[dev], y[dev]):.4f}, test {outer_scores[-1]:.4f}, auc {outer_auc[-1]:.4f}')
print(f'nested CV accuracy {np.mean(outer_scores):.4f}, auc {np.mean(outer_auc):.4f}')
