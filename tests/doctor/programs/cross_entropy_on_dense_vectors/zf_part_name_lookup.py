# Workers describe what they need in their own words; we predict the vector of the catalogue word
# and show the closest entries. Vectors: GloVe 50d.
import gzip, os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(11)
torch.manual_seed(11)

glove = {}
with gzip.open(os.environ["WORDFIT_DATA"] + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as fh:
    for ln in fh:
        p = ln.split(" ")
        glove[p[0]] = np.array(p[1:], dtype=np.float32)

catalogue = """motor belt valve pump wire cable pipe tank wheel brake engine filter lamp screen keyboard battery chain
hammer knife paint glass paper plastic steel iron copper rubber wood cotton leather oil gas fuel water soap box bag
bottle boots gloves helmet jacket ladder table chair door window lock key""".split()
catalogue = [w for w in catalogue if w in glove]
C = torch.tensor(np.stack([glove[w] for w in catalogue]))

# every entry is described with a few code words of the plant, drawn with noise
V = 400
usual = [rng.choice(V, 9, replace=False) for _ in catalogue]


def order():
    k = int(rng.integers(len(catalogue)))
    n = int(rng.integers(3, 7))
    w = rng.choice(usual[k], n, replace=False)
    noise = rng.random(n) < 0.15
    w[noise] = rng.integers(0, V, noise.sum())
    return w, k


data, seen = [], set()
while len(data) < 3600:
    w, k = order()
    key = (tuple(sorted(w)), k)
    if key not in seen:
        seen.add(key)
        data.append((w, k))
train, dev = data[:3000], data[3000:]


def pack(part):
    flat = torch.tensor(np.concatenate([w for w, _ in part]))
    off = torch.tensor(np.cumsum([0] + [len(w) for w, _ in part])[:-1])
    return flat, off, torch.tensor([k for _, k in part])


class ToVector(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(V, 96, mode="mean")
        self.out = nn.Sequential(nn.Linear(96, 128), nn.Tanh(), nn.Linear(128, 50))

    def forward(self, flat, off):
        return self.out(self.bag(flat, off))


net = ToVector()
optim = torch.optim.Adam(net.parameters(), lr=4e-3)


def evaluate():
    net.eval()
    with torch.no_grad():
        flat, off, k = pack(dev)
        o = net(flat, off)
        near = torch.cdist(o, C).argmin(1)
        err = (o - C[k]).norm(dim=1).mean()
    net.train()
    return (near == k).float().mean().item(), err.item()


for ep in range(1, 11):
    perm = rng.permutation(len(train))
    s = 0.0
    for i in range(0, len(perm), 60):
        flat, off, k = pack([train[j] for j in perm[i:i + 60]])
        o = net(flat, off)
        # fault:
        loss = F.cross_entropy(o, C[k])
        # mended:
        # loss = F.mse_loss(o, C[k])
        # end
        optim.zero_grad()
        loss.backward()
        optim.step()
        s += loss.item()
    hit, err = evaluate()
    print("epoch %2d  train loss %9.4f  right entry first %.3f  distance %.2f" % (ep, s / (len(perm) // 60), hit, err))
