"""Pre-train on movie sentences, freeze everything, adapt to customer reviews through rank-4 updates (B starts at zero)."""
import gzip, os, pathlib
import numpy as np, torch
import torch.nn as nn
from sklearn.metrics import balanced_accuracy_score

torch.manual_seed(31)
rng = np.random.default_rng(31)
D = pathlib.Path(os.environ["WORDFIT_DATA"])
words, mat = {}, []
for line in gzip.open(D / "vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8"):
    w, _, rest = line.rstrip("\n").partition(" ")
    if rest.count(" ") < 10:
        continue                                # "rows columns" line of the word2vec text format
    if w.islower():
        words[w] = len(mat); mat.append(np.fromstring(rest, dtype=np.float32, sep=' '))
E = torch.from_numpy(np.stack(mat))
E = E / E.norm(dim=1, keepdim=True)


def load(path, label):
    rows = []
    for s in open(D / "sentiment" / path, encoding="latin-1"):
        ids = [words[w] for w in s.lower().split() if w in words]
        if len(ids) > 1:
            rows.append((E[ids].mean(0), label))
    return rows


def split(rows, k):
    rows = [rows[i] for i in rng.permutation(len(rows))]
    X = torch.stack([r[0] for r in rows]) * 8; y = torch.tensor([r[1] for r in rows])
    return (X[k:], y[k:]), (X[:k], y[:k])


movies, movies_dev = split(load("MR/rt-polarity.neg", 0) + load("MR/rt-polarity.pos", 1), 1500)
goods, goods_dev = split(load("CR/custrev.neg", 0) + load("CR/custrev.pos", 1), 900)


class LowRank(nn.Module):
    def __init__(self, base: nn.Linear, r=4, alpha=8):
        super().__init__()
        self.base, self.scale = base, alpha / r
        self.A = nn.Parameter(torch.randn(r, base.in_features) / base.in_features ** .5)
        self.B = nn.Parameter(torch.zeros(base.out_features, r))

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.A.T) @ self.B.T


def fit(net, data, params, epochs, lr, weight=None):
    opt = torch.optim.AdamW(params, lr=lr, weight_decay=.05)
    X, y = data
    for ep in range(epochs):
        net.train(); tot = 0
        for b in torch.randperm(len(X)).split(64):
            loss = nn.functional.cross_entropy(net(X[b]), y[b], weight=weight)
            opt.zero_grad(); loss.backward(); opt.step(); tot += loss.item() * len(b)
        print(f"   epoch {ep} loss {tot / len(X):.4f}")


def report(net, tag, *sets):
    net.eval()
    with torch.no_grad():
        print(tag, *["%.3f" % balanced_accuracy_score(y, net(X).argmax(1)) for X, y in sets])


net = nn.Sequential(nn.Linear(300, 64), nn.Tanh(), nn.Dropout(.3), nn.Linear(64, 2))
print("stage 1, movies")
fit(net, movies, net.parameters(), 3, 1.5e-3)
report(net, "movies balanced acc (train, dev)", movies, movies_dev)
report(net, "customer reviews, unadapted (train, dev)", goods, goods_dev)

for p in net.parameters():
    p.requires_grad_(False)
net[0], net[3] = LowRank(net[0]), LowRank(net[3], r=2)
adapt = [p for p in net.parameters() if p.requires_grad]
print("stage 2,", sum(p.numel() for p in adapt), "of", sum(p.numel() for p in net.parameters()), "numbers are trained")
n = torch.bincount(goods[1]).float()
fit(net, goods, adapt, 5, 2e-3, weight=n.sum() / (2 * n))
report(net, "customer reviews, adapted (train, dev)", goods, goods_dev)
