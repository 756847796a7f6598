# Logistic regression with the hashing trick, gradient written by hand (no autograd, no optimiser) to understand it.
# 1 spam in 9 messages -> spam counts more in the gradient.
import random, zlib
import torch

random.seed(77)
torch.manual_seed(77)
SPAM = "free win cash prize claim urgent winner loan credit click offer bonus deal bitcoin lottery gift".split()
HAM = "lunch mum tomorrow bus homework sorry dinner football mate birthday train later coffee class sister".split()
BOTH = "the a you me is on now call text please today for my your with and it get just if go see".split()

def message(spam):
    mine, other = (SPAM, HAM) if spam else (HAM, SPAM)
    w = random.choices(mine, k=random.randint(1, 3)) + random.choices(BOTH, k=random.randint(4, 9))
    if random.random() < 0.1:
        w.append(random.choice(other))
    random.shuffle(w)
    return " ".join(w)

seen, data = set(), []
while len(data) < 3600:
    y = int(random.random() < 1 / 9)
    m = message(y)
    if m not in seen:
        seen.add(m)
        data.append((m, y))
train, test = data[:2700], data[2700:]
DIM = 2 ** 12

def features(text):
    w = text.split()
    return sorted({zlib.crc32(g.encode()) % DIM for g in w})

def matrix(rows):
    X = torch.zeros(len(rows), DIM)
    for i, (m, _) in enumerate(rows):
        X[i, features(m)] = 1.0
    return X / X.norm(dim=1, keepdim=True), torch.tensor([float(y) for _, y in rows])

X, y = matrix(train)
Xt, yt = matrix(test)
weight = torch.zeros(DIM)
bias = torch.zeros(())
heavy = (1 - y.mean()) / y.mean()
c = torch.where(y == 1, heavy, 1.0)
c /= c.mean()

def f1(X, y):
    hit = (X @ weight + bias) > 0
    tp = (hit & (y == 1)).sum()
    return (2 * tp / (hit.sum() + (y == 1).sum())).item(), (hit == (y == 1)).float().mean().item()

step = 4.0
for epoch in range(8):
    nll = 0.0
    for ix in torch.randperm(len(X)).split(50):
        p = torch.sigmoid(X[ix] @ weight + bias)
        err = (p - y[ix]) * c[ix]
        weight -= step * (X[ix].T @ err / len(ix) + 2e-4 * weight)
        bias -= 0.1 * step * err.mean()
        q = torch.where(y[ix] == 1, p, 1 - p).clamp_min(1e-7)
        nll -= (c[ix] * q.log()).sum().item()
    step *= 0.8
    (fa, aa), (fb, ab) = f1(X, y), f1(Xt, yt)
    print(f"epoch {epoch}: weighted nll {nll / len(X):.3f}  F1 train {fa:.3f} test {fb:.3f}  acc train {aa:.3f} test {ab:.3f}")
print("share of ham in test: %.3f" % (1 - yt.mean()))
