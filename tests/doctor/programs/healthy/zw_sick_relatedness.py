# Relatedness of SICK pairs as in Tai, Socher, Manning (2015), with averaged vectors in place of the tree.
# The score (1..5) is turned into a sparse distribution over five cells and fitted with KL divergence.
import gzip
import math
import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

D = os.environ["WORDFIT_DATA"]
torch.manual_seed(2015)
rng = np.random.RandomState(2015)

vec = {}
with gzip.open(D + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for ln in fh:
        w, rest = ln.split(" ", 1)
        vec[w] = np.array(rest.split(), dtype=np.float32)
unk_rng = np.random.RandomState(3)
scale = float(np.std(list(vec.values())))


def word(w):
    if w not in vec:
        vec[w] = unk_rng.normal(0, scale, 50).astype(np.float32)   # fixed random vector, as wide as the others
    return vec[w]


def sent(s):
    m = np.stack([word(w) for w in s.lower().split()])
    return np.concatenate([m.mean(0), m.max(0)])


def load(name, limit=None):
    a, b, r = [], [], []
    with open(f"{D}/glue/SICK/SICK_{name}.txt") as fh:
        for ln in fh.readlines()[1:limit]:
            c = ln.rstrip("\n").split("\t")
            a.append(sent(c[1])); b.append(sent(c[2])); r.append(float(c[3]))
    return torch.tensor(np.array(a)), torch.tensor(np.array(b)), torch.tensor(r)


def to_distribution(r, k=5):
    p = torch.zeros(len(r), k)
    lo = r.floor().clamp(max=k - 1)
    p[torch.arange(len(r)), lo.long() - 1] = lo + 1 - r
    p[torch.arange(len(r)), lo.long()] += r - lo
    return p


class Head(nn.Module):
    def __init__(self, d=100, h=50):
        super().__init__()
        self.wx = nn.Linear(d, h, bias=False)
        self.wp = nn.Linear(d, h)
        self.out = nn.Linear(h, 5)
        self.register_buffer("grid", torch.arange(1., 6.))

    def forward(self, u, v):
        h = torch.sigmoid(self.wx(u * v) + self.wp((u - v).abs()))
        return F.log_softmax(self.out(h), dim=1)

    def expected(self, u, v):
        return self(u, v).exp() @ self.grid


tr, te = load("train"), load("test_annotated", 1501)
target = to_distribution(tr[2])
entropy = -(target * target.clamp(min=1e-9).log()).sum(1).mean().item()
model = Head()
optim = torch.optim.Adagrad(model.parameters(), lr=0.05)
n = len(target)
for epoch in range(6):
    order = torch.as_tensor(rng.permutation(n))
    acc = 0.0
    for j in range(0, n, 25):
        ix = order[j:j + 25]
        optim.zero_grad()
        loss = F.kl_div(model(tr[0][ix], tr[1][ix]), target[ix], reduction="batchmean")
        loss.backward()
        optim.step()
        acc += loss.item() * len(ix)
    with torch.no_grad():
        pt, pd = model.expected(*tr[:2]), model.expected(*te[:2])
    print(f"{epoch:2d}  KL {acc / n:.4f}  r(train) {np.corrcoef(pt, tr[2])[0, 1]:.4f}  r(test) {np.corrcoef(pd, te[2])[0, 1]:.4f}")
print(f"target entropy {entropy:.3f} of {math.log(5):.3f}; test pearson {np.corrcoef(pd, te[2])[0, 1]:.3f} "
      f"mse {F.mse_loss(pd, te[2]):.3f} (constant answer {te[2].var():.3f})")
