# Ordinal regression on IMDB stars (CORAL: shared score + ordered cut points).
# Stars are 1-4 and 7-10 -> four levels: 1-2 / 3-4 / 7-8 / 9-10
import csv, gzip, os, re, sys
from collections import Counter
import numpy as np, torch
import torch.nn as nn, torch.nn.functional as F
from sklearn.metrics import cohen_kappa_score

csv.field_size_limit(sys.maxsize)
torch.manual_seed(5); np.random.seed(5)
D = os.environ["WORDFIT_DATA"]
LEVEL = {1: 0, 2: 0, 3: 1, 4: 1, 7: 2, 8: 2, 9: 3, 10: 3}
token = re.compile(r"[a-z']+")

def load(which, every):
    docs, y = [], []
    with gzip.open(f"{D}/sentiment/imdb/{which}.tsv.gz", "rt", encoding="utf-8", newline="\n") as f:
        next(f)
        for k, line in enumerate(f):
            if k % every: continue
            _, stars, _, text = line.rstrip("\n").split("\t", 3)
            docs.append(token.findall(text.lower().replace("<br />", " "))[:250]); y.append(LEVEL[int(stars)])
    return docs, np.array(y)

dtr, ytr = load("train", 3)
dte, yte = load("test", 20)
seen = {" ".join(d) for d in dtr}
ok = [i for i, d in enumerate(dte) if " ".join(d) not in seen]
dte, yte = [dte[i] for i in ok], yte[ok]
df = Counter(w for d in dtr for w in set(d))
vocab = {w: i for i, (w, c) in enumerate(df.most_common(1500)) if c >= 10}
print(len(dtr), "train", len(dte), "test", len(vocab), "words", np.bincount(ytr))

def pack(docs):
    return [torch.tensor(sorted({vocab[w] for w in d if w in vocab})) for d in docs]   # word presence

class Coral(nn.Module):
    """One scalar per review; level k is exceeded with probability sigmoid(score - cut_k)."""
    def __init__(self, n, levels):
        super().__init__()
        self.w = nn.EmbeddingBag(n, 1, mode="sum")
        nn.init.zeros_(self.w.weight)                      # convex problem, zero is a fine start
        self.first = nn.Parameter(torch.tensor(-1.0))
        self.gaps = nn.Parameter(torch.zeros(levels - 2))
    def cuts(self):
        return torch.cat([self.first[None], self.first + F.softplus(self.gaps).cumsum(0)])
    def forward(self, ids, off, n):
        score = self.w(ids, off) / n.sqrt().unsqueeze(1)
        return score - self.cuts()                         # (B, K-1)

def batch(xs):
    n = torch.tensor([len(x) for x in xs]).float()
    off = torch.cat([torch.zeros(1), n.cumsum(0)[:-1]]).long()
    return torch.cat(xs), off, n

xtr, xte = pack(dtr), pack(dte)
lev_tr = (torch.tensor(ytr)[:, None] > torch.arange(3)).float()
net = Coral(len(vocab), 4)
opt = torch.optim.Adam(net.parameters(), lr=0.04)
EPOCHS = 4
def test(xs, y):
    net.eval()
    with torch.no_grad(): pred = (net(*batch(xs)) > 0).sum(1).numpy()
    return np.abs(pred - y).mean(), cohen_kappa_score(pred, y, weights="quadratic")

print("always the median: MAE %.3f" % np.abs(yte - np.median(ytr)).mean())
for ep in range(EPOCHS):
    for gq in opt.param_groups: gq["lr"] = 0.04 * (1 - ep / EPOCHS)
    net.train(); tot = 0.
    perm = np.random.permutation(len(xtr))
    for s in range(0, len(perm), 100):
        ix = perm[s:s + 100]
        z = net(*batch([xtr[i] for i in ix]))
        l2 = 1e-2 * net.w.weight.pow(2).mean()
        loss = F.binary_cross_entropy_with_logits(z, lev_tr[ix]) + l2
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(ix)
    mae, qwk = test(xte, yte)
    print("epoch %d  loss %.4f  test MAE %.4f  QWK %.4f" % (ep + 1, tot / len(xtr), mae, qwk))
print("train MAE %.4f QWK %.4f   cuts %s" % (*test(xtr, ytr), net.cuts().detach().numpy().round(2)))
