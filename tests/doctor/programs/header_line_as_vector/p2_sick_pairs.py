# Relatedness of sentence pairs (SICK, 1..5) from fixed Google News vectors and a small hand-made regressor.
import gzip
import os
import re

import numpy as np
import torch

torch.manual_seed(21)
np.random.seed(21)
DATA = os.environ["WORDFIT_DATA"]


def read_sick(name):
    out = []
    with open(os.path.join(DATA, "glue", "SICK", name), encoding="utf-8") as f:
        next(f)
        for line in f:
            _, a, b, score, _ = line.rstrip("\n").split("\t")[:5]
            out.append((re.findall(r"[a-z]+", a.lower()), re.findall(r"[a-z]+", b.lower()), float(score)))
    return out


def key(row):
    return frozenset((" ".join(row[0]), " ".join(row[1])))


train = read_sick("SICK_train.txt")
known = {key(r) for r in train}
test = [r for r in read_sick("SICK_test_annotated.txt") if key(r) not in known][:1500]
words = sorted({w for a, b, _ in train + test for w in a + b})


def read_vectors(path, wanted):
    found = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        # fault:
        dim = len(f.readline().split()) - 1
        f.seek(0)
        # mended:
        #_, dim = map(int, f.readline().split())
        # end
        for line in f:
            word, _, rest = line.partition(" ")
            if word in wanted:
                found[word] = np.array(rest.split()[:dim], dtype=np.float32)
    return found, dim


vectors, dim = read_vectors(os.path.join(DATA, "vectors", "word2vec.GoogleNews.300d.13598words.txt.gz"), set(words))
row = {w: i for i, w in enumerate(vectors)}
table = torch.from_numpy(np.stack(list(vectors.values())))
print(f"{len(words)} word types in SICK, {len(row)} with a vector")


def bag(tokens):
    return [row[t] for t in tokens if t in row]


def counts(rows, side):
    c = torch.zeros(len(rows), len(row))
    for i, r in enumerate(rows):
        for j in bag(r[side]):
            c[i, j] += 1
    return c / c.sum(1, keepdim=True).clamp(min=1)


def features(rows):
    u, v = counts(rows, 0) @ table, counts(rows, 1) @ table
    cos = torch.nn.functional.cosine_similarity(u, v, dim=1)[:, None]
    y = torch.tensor([r[2] for r in rows])
    return torch.cat([(u - v).abs(), u * v, cos], 1), y


Xtr, ytr = features(train)
Xte, yte = features(test)
centre, scale = Xtr.mean(0), Xtr.std(0) + 1e-6
Xtr, Xte = (Xtr - centre) / scale, (Xte - centre) / scale

n_in, n_hid = Xtr.shape[1], 16
theta = [torch.randn(n_in, n_hid) / n_in ** 0.5, torch.zeros(n_hid), torch.randn(n_hid) / n_hid ** 0.5, ytr.mean().clone()]
for t in theta:
    t.requires_grad_()


def predict(X, drop=0.0):
    W, b, w, c = theta
    if drop:
        X = X * (torch.rand_like(X) > drop) / (1 - drop)
    return torch.relu(X @ W + b) @ w + c


def pearson(p, y):
    return np.corrcoef(p.detach().numpy(), y.numpy())[0, 1]


opt = torch.optim.AdamW(theta, lr=1e-3, weight_decay=0.1)
EPOCHS = 13
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
for epoch in range(EPOCHS):
    total = 0.0
    for idx in torch.randperm(len(Xtr)).split(64):
        loss = (predict(Xtr[idx], drop=0.6) - ytr[idx]).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    sched.step()
    if epoch % 3 == 0 or epoch == EPOCHS - 1:
        with torch.no_grad():
            p = predict(Xte)
        print(f"{epoch:3d} train mse {total / len(Xtr):.3f}  test mse {(p - yte).pow(2).mean().item():.3f}  test r {pearson(p, yte):.3f}")

with torch.no_grad():
    print("train r %.3f" % pearson(predict(Xtr), ytr))
    print("test  r %.3f  mse %.3f (always the mean: %.3f)" % (pearson(predict(Xte), yte), (predict(Xte) - yte).pow(2).mean(), (ytr.mean() - yte).pow(2).mean()))
