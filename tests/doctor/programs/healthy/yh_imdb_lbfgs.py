# Penalised logistic regression on IMDB reviews, full batch, L-BFGS with a line search. Convex: starting at zero is fine.
import gzip, os
import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer

torch.set_default_dtype(torch.float64)
IMDB = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "imdb")

def every(path, step, start):
    texts, labels = [], []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        header = next(f).rstrip("\n").split("\t")
        li, ti = header.index("label"), header.index("text")
        for n, line in enumerate(f):
            if n % step == start:
                cols = line.rstrip("\n").split("\t")
                labels.append(cols[li] in ("1", "pos"))
                texts.append(cols[ti][:1200])
    return texts, np.array(labels, dtype=float)

train_x, train_y = every(os.path.join(IMDB, "train.tsv.gz"), 10, 3)
test_x, test_y = every(os.path.join(IMDB, "test.tsv.gz"), 25, 7)
known = set(test_x)
keep = [i for i, t in enumerate(train_x) if t not in known]
train_x, train_y = [train_x[i] for i in keep], train_y[keep]
print("reviews:", len(train_x), "/", len(test_x), " positive share %.3f / %.3f" % (train_y.mean(), test_y.mean()))

vec = TfidfVectorizer(min_df=8, max_df=0.5, sublinear_tf=True)
A = torch.from_numpy(vec.fit_transform(train_x).toarray())
B = torch.from_numpy(vec.transform(test_x).toarray())
t = torch.from_numpy(train_y)
print("words:", A.shape[1])

w = torch.zeros(A.shape[1], requires_grad=True)
b = torch.zeros((), requires_grad=True)
LAMBDA = 2e-3
solver = torch.optim.LBFGS([w, b], lr=1.0, max_iter=4, history_size=10, line_search_fn="strong_wolfe")

def objective():
    z = A @ w + b
    # log(1 + e^z) - t z, stable for either sign
    fit = torch.clamp(z, min=0) + torch.log1p(torch.exp(-z.abs())) - t * z
    return fit.mean() + 0.5 * LAMBDA * w.dot(w)

def closure():
    solver.zero_grad()
    value = objective()
    value.backward()
    return value

for rnd in range(6):
    value = solver.step(closure)
    with torch.no_grad():
        tr = ((A @ w + b > 0) == (t > 0.5)).double().mean().item()
        te = ((B @ w + b > 0).numpy() == (test_y > 0.5)).mean()
        gnorm = torch.cat([w.grad, b.grad[None]]).norm().item()
    print(f"round {rnd}: objective {value.item():.5f} |grad| {gnorm:.1e} train {tr:.4f} test {te:.4f}")
names = vec.get_feature_names_out()
order = w.detach().numpy().argsort()
print("bad :", " ".join(names[order[:8]]))
print("good:", " ".join(names[order[::-1][:8]]))
