# GloVe on Brown, trained by Adagrad on a co-occurrence table; 10% of the cells are kept out and predicted afterwards
import os, gzip, re
import numpy as np, torch
from collections import Counter, defaultdict
torch.manual_seed(1); np.random.seed(1)
V, DIM, WIN = 700, 10, 6
sents = []
for n, line in enumerate(gzip.open(os.environ["WORDFIT_DATA"] + "/corpora/brown.txt.gz", "rt")):
    if n == 22000: break
    sents.append(re.findall(r"[a-z]+", line.lower()))
freq = Counter(w for s in sents for w in s)
itos = [w for w, _ in freq.most_common(V)]
stoi = {w: i for i, w in enumerate(itos)}
X = defaultdict(float)
for s in sents:
    ids = [stoi.get(w, -1) for w in s]
    for i, a in enumerate(ids):
        if a < 0: continue
        for k in range(1, WIN + 1):
            if i + k >= len(ids): break
            b = ids[i + k]
            if b >= 0 and a != b:
                X[(a, b) if a < b else (b, a)] += 1. / k
cells = np.array([(a, b, c) for (a, b), c in X.items() if c >= 1.], dtype=np.float64)
np.random.shuffle(cells)
print(len(cells), "cells")
held, cells = cells[:len(cells)//10], cells[len(cells)//10:]
def cols(c): return torch.from_numpy(c[:, 0].astype(int)), torch.from_numpy(c[:, 1].astype(int)), torch.from_numpy(c[:, 2]).float()
ti, tj, tx = cols(cells); hi, hj, hx = cols(held)
# symmetric: one table for both sides (w_i . M w_j with a diagonal M), one bias per word, one for the corpus
W = torch.nn.Parameter(torch.randn(V, DIM) * .1)
M = torch.nn.Parameter(torch.ones(DIM))
b = torch.nn.Parameter(torch.zeros(V)); c = torch.nn.Parameter(tx.log().mean())
def predict(i, j): return (W[i] * M * W[j]).sum(1) + b[i] + b[j] + c
opt = torch.optim.Adagrad([{"params": [W], "weight_decay": 2e-4}, {"params": [M, b, c]}], lr=.1)
def weight(x, xmax=20., alpha=.75): return (x / xmax).clamp(max=1.) ** alpha
def r2(i, j, x):
    with torch.no_grad():
        w, y = weight(x), x.log()
        p = predict(i, j); mu = (w * y).sum() / w.sum()
        return 1 - ((w * (p - y) ** 2).sum() / (w * (y - mu) ** 2).sum()).item()
for epoch in range(9):
    perm = torch.randperm(len(ti)); tot = 0.
    for k in range(0, len(perm), 2048):
        s = perm[k:k + 2048]
        loss = (weight(tx[s]) * (predict(ti[s], tj[s]) - tx[s].log()) ** 2).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(s)
    if epoch % 3 == 2: print(f"epoch {epoch+1:2d} wls {tot/len(ti):.4f}  R2 train {r2(ti,tj,tx):.3f} held-out cells {r2(hi,hj,hx):.3f}")
