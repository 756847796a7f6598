"""IMDB reviews: LSA features, then logistic regression fitted with full-batch L-BFGS (as in the lecture)."""
import gzip
import os
import numpy as np
import torch
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

torch.manual_seed(0)


def read_reviews(name, n):
    rows = []
    with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "imdb", name), "rt", encoding="utf-8") as f:
        for k, line in enumerate(f):
            if k % 10 == 3:                 # file is sorted by label, take every tenth line
                cols = line.rstrip("\n").split("\t")
                if cols[0] in ("0", "1", "pos", "neg"):
                    rows.append((cols[3][:1300], int(cols[0] in ("1", "pos"))))
    order = np.random.RandomState(5).permutation(len(rows))[:n]
    return [rows[i][0] for i in order], torch.tensor([rows[i][1] for i in order])


text_tr, y_tr = read_reviews("train.tsv.gz", 2200)
text_te, y_te = read_reviews("test.tsv.gz", 1000)
tfidf = TfidfVectorizer(min_df=4, max_features=3500, stop_words="english", sublinear_tf=True)
svd = TruncatedSVD(60, n_iter=3, random_state=0)
Z_tr = svd.fit_transform(tfidf.fit_transform(text_tr))
Z_te = svd.transform(tfidf.transform(text_te))
scale = Z_tr.std(0)
X_tr, X_te = (torch.tensor(z / scale, dtype=torch.double) for z in (Z_tr, Z_te))
print("features", tuple(X_tr.shape), "positive share", y_tr.double().mean().item())

weight = torch.zeros(X_tr.size(1), dtype=torch.double, requires_grad=True)
bias = torch.zeros((), dtype=torch.double, requires_grad=True)
lam = 0.01
solver = torch.optim.LBFGS([weight, bias], lr=1.0, max_iter=8, history_size=10, line_search_fn="strong_wolfe")


def objective():
    solver.zero_grad()
    z = X_tr @ weight + bias
    value = torch.nn.functional.softplus(-(2 * y_tr - 1) * z).mean() + lam * weight.square().sum()
    value.backward()
    return value


def accuracy(X, y):
    with torch.no_grad():
        return ((X @ weight + bias > 0).long() == y).double().mean().item()


for it in range(5):
    value = solver.step(objective)
    grad = torch.cat([weight.grad, bias.grad[None]]).norm().item()
    print(f"iter {it} objective {value.item():.6f} |grad| {grad:.2e} train {accuracy(X_tr, y_tr):.3f} test {accuracy(X_te, y_te):.3f}")
    if grad < 1e-4:
        break
