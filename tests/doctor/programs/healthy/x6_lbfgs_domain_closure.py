"""Full-batch logistic regression with L-BFGS: is a sentence about gadgets or about films?"""
import gzip, os, random
import numpy as np
import torch

root = os.environ["WORDFIT_DATA"]
random.seed(31)


def sentences(*names):
    for n in names:
        with open(os.path.join(root, "sentiment", n), encoding="latin-1") as f:
            yield from {l.strip().lower() for l in f if len(l.split()) >= 5}


def table():
    with gzip.open(root + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as f:
        for l in f:
            w, rest = l.split(" ", 1)
            yield w, np.fromstring(rest, sep=" ", dtype=np.float32)


vec = dict(table())


def mean_vector(s):
    vs = [vec[w] for w in s.split() if w in vec]
    return np.mean(vs, 0) if vs else None


films = sorted(sentences("MR/rt-polarity.pos", "MR/rt-polarity.neg"))
gadgets = sorted(sentences("CR/custrev.pos", "CR/custrev.neg"))
rows = [(s, -1.0) for s in random.sample(films, 3000)] + [(s, 1.0) for s in random.sample(gadgets, 3000)]
rows = [(m, t) for m, t in ((mean_vector(s), t) for s, t in rows) if m is not None]
random.shuffle(rows)
X = torch.from_numpy(np.stack([m for m, _ in rows])).double()
t = torch.tensor([t for _, t in rows], dtype=torch.float64)
cut = int(len(rows) * .8)
mu, sd = X[:cut].mean(0), X[:cut].std(0)
X = torch.cat([(X - mu) / sd, torch.ones(len(X), 1, dtype=torch.float64)], 1)
Xa, ta, Xb, tb = X[:cut], t[:cut], X[cut:], t[cut:]


def objective(lam):
    """labels are -1/+1, so the logistic loss is softplus(-t * score)"""
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    calls = [0]
    solver = torch.optim.LBFGS([w], lr=1, max_iter=12, history_size=10, line_search_fn="strong_wolfe")

    def closure():
        calls[0] += 1
        solver.zero_grad()
        margin = ta * (Xa @ w)
        loss = torch.nn.functional.softplus(-margin).mean() + lam * w[:-1].dot(w[:-1])
        loss.backward()
        return loss
    return w, solver, closure, calls


def accuracy(w, A, y):
    return ((A @ w.detach()).sign() == y).double().mean().item()


w, solver, closure, calls = objective(1e-4)
for outer in range(4):
    value = solver.step(closure).item()
    g = w.grad.norm().item()
    print(f"outer {outer}: objective {value:.5f} |g| {g:.1e} after {calls[0]} evaluations; "
          f"train {accuracy(w, Xa, ta):.3f} test {accuracy(w, Xb, tb):.3f}")
