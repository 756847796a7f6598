"""Sentence relatedness on SICK with the soft-target trick of Tai, Socher & Manning (2015).

A score of 3.6 becomes p = [0, 0, .4, .6, 0]; the net predicts a distribution over 1..5 and the
prediction is its expectation. Frozen GloVe, features u*v and |u-v|.
"""
import gzip
import os

import numpy as np
import torch
from scipy.stats import pearsonr, spearmanr

torch.manual_seed(13)
g = torch.Generator().manual_seed(13)
base = os.environ["WORDFIT_DATA"]


def load_split(name):
    with open(os.path.join(base, "glue/SICK", name)) as f:
        next(f)
        for line in f:
            c = line.rstrip("\n").split("\t")
            if len(c) >= 4:
                yield c[1].lower().split(), c[2].lower().split(), float(c[3])


train = list(load_split("SICK_train.txt"))
pairs = {(tuple(a), tuple(b)) for a, b, _ in train} | {(tuple(b), tuple(a)) for a, b, _ in train}
test = [r for r in load_split("SICK_test_annotated.txt") if (tuple(r[0]), tuple(r[1])) not in pairs][:800]
vocab = sorted({w for a, b, _ in train + test for w in a + b})
index = {w: i for i, w in enumerate(vocab)}

E = torch.randn(len(vocab), 50, generator=g) * 0.3
with gzip.open(os.path.join(base, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.split(" ")
        if w in index:
            E[index[w]] = torch.tensor([float(x) for x in v])
E = E - E.mean(0)                       # "all-but-the-top", cheap version


def bag(rows, side):
    """rows x vocab matrix of relative frequencies; M @ E is then the average vector"""
    M = torch.zeros(len(rows), len(vocab))
    for i, r in enumerate(rows):
        for w in r[side]:
            M[i, index[w]] += 1.0 / len(r[side])
    return M


def soft_target(scores):
    t = torch.zeros(len(scores), 5)
    for i, s in enumerate(scores):
        lo = int(np.floor(s))
        if lo == 5:
            t[i, 4] = 1.0
        else:
            t[i, lo - 1] = lo + 1 - s
            t[i, lo] = s - lo
    return t


Ma, Mb = bag(train, 0), bag(train, 1)
A, B = Ma @ E, Mb @ E
Abin, Bbin = (Ma > 0).float(), (Mb > 0).float()
jac = (Abin * Bbin).sum(1, keepdim=True) / (Abin + Bbin).clamp(max=1).sum(1, keepdim=True)
Ma, Mb = bag(test, 0), bag(test, 1)
At, Bt = Ma @ E, Mb @ E
Ab, Bb = (Ma > 0).float(), (Mb > 0).float()
jact = (Ab * Bb).sum(1, keepdim=True) / (Ab + Bb).clamp(max=1).sum(1, keepdim=True)
T = soft_target([r[2] for r in train])
gold, gold_t = np.array([r[2] for r in train]), np.array([r[2] for r in test])
grid = torch.arange(1.0, 6.0)


class Relatedness(torch.nn.Module):
    def __init__(self, d=50, h=16):
        super().__init__()
        self.proj = torch.nn.Linear(d, d, bias=False)
        with torch.no_grad():
            self.proj.weight.copy_(torch.eye(d))     # start at the identity
        self.hid = torch.nn.Linear(2 * d + 2, h)
        self.out = torch.nn.Linear(h, 5)
        self.drop = torch.nn.Dropout(0.4)

    def forward(self, a, b, j):
        u, v = self.proj(a), self.proj(b)
        cos = torch.cosine_similarity(u, v, dim=1).unsqueeze(1)
        f = torch.cat([u * v, (u - v).abs(), cos, j], 1)
        return torch.log_softmax(self.out(torch.sigmoid(self.hid(self.drop(f)))), dim=1)


net = Relatedness()
opt = torch.optim.AdamW(net.parameters(), lr=6e-3, weight_decay=1e-3)
n_ep, bs = 6, 48
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=6e-3, total_steps=n_ep * ((len(train) + bs - 1) // bs))
for ep in range(1, n_ep + 1):
    net.train()
    run = 0.0
    for idx in torch.randperm(len(train), generator=g).split(bs):
        logp = net(A[idx], B[idx], jac[idx])
        loss = torch.nn.functional.kl_div(logp, T[idx], reduction="batchmean")
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        run += loss.item() * len(idx)
    net.eval()
    with torch.no_grad():
        p = (net(At, Bt, jact).exp() @ grid).numpy()
        q = (net(A, B, jac).exp() @ grid).numpy()
    if ep % 2 == 0:
        print(f"{ep:2d} kl {run / len(train):.4f}  train r {pearsonr(q, gold)[0]:.4f}  test r {pearsonr(p, gold_t)[0]:.4f} "
              f"rho {spearmanr(p, gold_t)[0]:.4f} mse {np.mean((p - gold_t) ** 2):.4f}")
