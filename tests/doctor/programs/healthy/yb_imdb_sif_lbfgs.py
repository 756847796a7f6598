# sklearn -> torch: LogisticRegression(C=...) on SIF sentence vectors (Arora et al. 2017) of IMDB reviews.
# lbfgs with full batches, exactly what sklearn does. So an "epoch" is one outer call with line search.
import gzip, os, re, collections
import numpy as np
import torch

data = os.environ["WORDFIT_DATA"]
rng = np.random.RandomState(0)
torch.manual_seed(0)
tok = re.compile(r"[a-z]+|[!?]")


def imdb(split, n):
    with gzip.open(f"{data}/sentiment/imdb/{split}.tsv.gz", "rt", encoding="utf-8") as f:
        lines = f.read().split("\n")
    lines = [l for l in lines if l.count("\t") >= 3 and l[0] in "01pn"]
    for i in rng.choice(len(lines), n, replace=False):
        lab, rating, _, text = lines[i].split("\t", 3)
        yield tok.findall(text.lower().replace("<br />", " ")), int(int(rating) > 5)


train, test = list(imdb("train", 3000)), list(imdb("test", 1500))
print(len(train), len(test), "positive in test:", np.mean([y for _, y in test]).round(3))
count = collections.Counter(w for d, _ in train for w in d)
total = sum(count.values())
E = {}
with gzip.open(data + "/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
    next(f)
    for l in f:
        w, v = l.split(" ", 1)
        if count[w] >= 3:
            E[w] = (np.array(v.split(), dtype=np.float32), 1e-3 / (1e-3 + count[w] / total))
ids = {w: i for i, w in enumerate(E)}
M = np.stack([v / np.linalg.norm(v) * a for v, a in E.values()])


def embed(docs):
    out = np.zeros((len(docs), M.shape[1]), np.float32)
    for i, (d, _) in enumerate(docs):
        k = [ids[w] for w in d if w in ids]
        if k:
            out[i] = M[k].mean(0)
    return out


A, B = embed(train), embed(test)
_, _, vt = np.linalg.svd(A[:800], full_matrices=False)
pc = vt[:1]
A, B = A - A @ pc.T @ pc, B - B @ pc.T @ pc               # common component removal
s = A.std()
A, B = torch.from_numpy(A / s), torch.from_numpy(B / s)
ya, yb = (torch.tensor([float(y) for _, y in p]) for p in (train, test))

theta = torch.zeros(301, requires_grad=True)
C = 0.02
opt = torch.optim.LBFGS([theta], lr=1, max_iter=5, history_size=10, line_search_fn="strong_wolfe")


def objective():
    opt.zero_grad()
    z = A @ theta[:-1] + theta[-1]
    loss = torch.nn.functional.softplus(-(2 * ya - 1) * z).mean() + theta[:-1].square().sum() / (2 * C * len(ya))
    loss.backward()
    return loss


def acc(X, y):
    with torch.no_grad():
        return (((X @ theta[:-1] + theta[-1]) > 0) == (y > 0)).float().mean().item()


prev = None
for it in range(10):
    f = opt.step(objective).item()
    print(f"outer {it}  objective {f:.5f}  train {acc(A, ya):.4f}  test {acc(B, yb):.4f}")
    if prev is not None and prev - f < 1e-5:
        print("converged")
        break
    prev = f
