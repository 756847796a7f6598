# Tag German captions with what their English twins mention. Vectors: PPMI + truncated SVD on 6000 other German
# captions (no labels needed), kept fixed; only the tagger on top learns. Rare words share one <rare> column.
import gzip, os, re
from collections import Counter
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import svds
from sklearn.metrics import f1_score
import torch

torch.manual_seed(2)
D = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
TAGS = ["man", "woman", "dog", "water", "street", "ball", "boy", "girl", "people", "snow"]
def lines(name, a, b):
    with gzip.open(os.path.join(D, name), "rt", encoding="utf-8") as f:
        return [re.findall(r"\w+", l.lower()) for l in f.readlines()[a:b]]

background = lines("train.de.gz", 10000, 16000)
freq = Counter(w for s in background for w in s)
kept = [w for w, c in freq.most_common() if c >= 4]
col = {w: i for i, w in enumerate(kept)}
RARE = len(kept)
ids = [[col.get(w, RARE) for w in s] for s in background]

# window of 3, distance weighted
r, c, v = [], [], []
for s in ids:
    for i, a in enumerate(s):
        for d in (1, 2, 3):
            if i + d < len(s):
                r += [a, s[i + d]]; c += [s[i + d], a]; v += [1 / d] * 2
C = sp.coo_matrix((v, (r, c)), (RARE + 1, RARE + 1)).tocsr()
tot = C.sum(); row = np.asarray(C.sum(1)).ravel()
C = C.tocoo()
pmi = np.log(C.data * tot / (row[C.row] * row[C.col] ** .75 * (row.sum() / (row ** .75).sum())))
ok = pmi > 0
P = sp.csr_matrix((pmi[ok], (C.row[ok], C.col[ok])), C.shape)
U, S, _ = svds(P, k=64, v0=np.ones(RARE + 1), random_state=0)
vec = U * np.sqrt(S)
vec /= np.linalg.norm(vec, axis=1, keepdims=True) + 1e-9
E = torch.tensor(vec, dtype=torch.float32)          # a plain tensor, nothing to tune

def feats(a, b):
    X = []
    for s in lines("train.de.gz", a, b):
        e = E[[col.get(w, RARE) for w in s]]
        X.append(torch.cat([e.mean(0), e.max(0).values, e.min(0).values]))
    Y = [[float(bool({t, t + "s", {"man": "men", "woman": "women", "people": "crowd"}.get(t, t)} & set(s))) for t in TAGS]
         for s in lines("train.en.gz", a, b)]
    return torch.stack(X), torch.tensor(Y)

X, Y = feats(0, 3000)
Xv, Yv = feats(20000, 20700)
mu, sd = X.mean(0), X.std(0) + 1e-5
X, Xv = (X - mu) / sd, (Xv - mu) / sd
print("vocabulary", len(kept), "| tag rates", [round(float(p), 2) for p in Y.mean(0)])
net = torch.nn.Sequential(torch.nn.Dropout(.2), torch.nn.Linear(192, 64), torch.nn.ReLU(), torch.nn.Dropout(.3), torch.nn.Linear(64, len(TAGS)))
with torch.no_grad():
    p = Y.mean(0).clamp(.01, .99)
    net[-1].bias.copy_((p / (1 - p)).log())
opt = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=.02)
bce = torch.nn.BCEWithLogitsLoss()
E_ = 8
for e in range(E_):
    opt.param_groups[0]["lr"] = 4e-3 * (1 - e / E_)
    net.train()
    for b in torch.randperm(len(X)).chunk(60):
        loss = bce(net(X[b]), Y[b])
        opt.zero_grad(); loss.backward(); opt.step()
    net.eval()
    with torch.no_grad():
        zt, zv = net(X), net(Xv)
        print(e, "bce %.4f %.4f" % (bce(zt, Y), bce(zv, Yv)), "micro-F1 train %.3f dev %.3f" % (
            f1_score(Y.numpy(), (zt > 0).numpy(), average="micro"), f1_score(Yv.numpy(), (zv > 0).numpy(), average="micro")))
