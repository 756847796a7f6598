# NB-weighted bag of words (Wang & Manning 2012, "Baselines and Bigrams") on IMDB, the logistic part in torch with L-BFGS.
# Ported from an old MATLAB/numpy script.
import gzip, os, random
import numpy as np
import torch
from sklearn.feature_extraction.text import CountVectorizer

random.seed(3)
src = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "imdb")


def sample(name, n):
    with gzip.open(os.path.join(src, name), "rt", encoding="utf-8", errors="strict") as f:
        lines = [l for l in f.read().split("\n") if l and l[0] in "01np"]
    out = []
    for l in random.sample(lines, n):
        label, rating, ident, text = l.split("\t", 3)
        out.append((text.replace("<br />", " "), int(int(rating) > 5)))
    return out


rows = sample("train.tsv.gz", 3000)                  # one file is plenty for this
train, test = rows[:2400], rows[2400:]
texts = {t for t, _ in train}
test = [r for r in test if r[0] not in texts]

cv = CountVectorizer(binary=True, min_df=8, max_df=0.6)
Xtr = cv.fit_transform([t for t, _ in train]); ytr = np.array([y for _, y in train])
Xte = cv.transform([t for t, _ in test]); yte = np.array([y for _, y in test])

alpha = 1.0
p = alpha + np.asarray(Xtr[ytr == 1].sum(0)).ravel()
q = alpha + np.asarray(Xtr[ytr == 0].sum(0)).ravel()
r = np.log((p / p.sum()) / (q / q.sum())).astype(np.float32)


def dense(X):
    Z = X.toarray().astype(np.float32) * r
    return torch.from_numpy(Z / np.sqrt((Z ** 2).sum(1, keepdims=True) + 1e-6))


A, b = dense(Xtr), torch.from_numpy(ytr).float()
At, bt = dense(Xte), torch.from_numpy(yte).float()
print("features:", A.shape[1], " train:", len(b), " test:", len(bt), " positive: %.3f / %.3f" % (b.mean(), bt.mean()))

w = torch.zeros(A.shape[1], requires_grad=True)
c = torch.zeros((), requires_grad=True)
lbfgs = torch.optim.LBFGS([w, c], lr=1, max_iter=4, line_search_fn="strong_wolfe")
lam = 2e-3


def objective():
    lbfgs.zero_grad()
    z = A @ w + c
    # logistic loss with labels as signs, log(1 + exp(-s z))
    J = torch.nn.functional.softplus(-(2 * b - 1) * z).mean() + lam / 2 * w.dot(w)
    J.backward()
    return J


for it in range(5):
    J = lbfgs.step(objective)
    with torch.no_grad():
        acc = [(((M @ w + c) > 0) == (t > 0.5)).float().mean().item() for M, t in ((A, b), (At, bt))]
    print(f"iteration {it}: J = {J.item():.5f}   accuracy {acc[0]:.4f} (train) {acc[1]:.4f} (test)")
order = w.detach().mul(torch.from_numpy(r).abs()).argsort()
names = cv.get_feature_names_out()
print("weights act on log-count ratios; strongest words:",
      ", ".join(names[i] for i in np.argsort(-np.abs(r) * w.detach().abs().numpy())[:10]))
