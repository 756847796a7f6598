"""SICK relatedness after Tai et al. (2015): the rating is spread over the five integers and
fitted by KL divergence; the predicted score is the expectation. GloVe stays fixed."""
import csv, gzip, os, re
import torch, torch.nn as nn, torch.nn.functional as F
from scipy.stats import pearsonr, spearmanr

torch.manual_seed(2015)
data = os.environ["WORDFIT_DATA"]
vectors = {}
with gzip.open(os.path.join(data, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as fh:
    for ln in fh:
        word, *vals = ln.rstrip().split(" ")
        vectors[word] = vals


def read(name):
    with open(os.path.join(data, "glue", "SICK", name), encoding="utf8") as fh:
        return [(r["sentence_A"], r["sentence_B"], float(r["relatedness_score"]))
                for r in csv.DictReader(fh, delimiter="\t", quoting=csv.QUOTE_NONE)]


train, test = read("SICK_train.txt"), read("SICK_test_annotated.txt")[:1200]
pairs_seen = {(a, b) for a, b, _ in train}
test = [r for r in test if (r[0], r[1]) not in pairs_seen]
tok = lambda s: re.findall(r"[a-z]+", s.lower())
index = {}
for a, b, _ in train + test:
    for w in tok(a) + tok(b):
        if w in vectors:
            index.setdefault(w, len(index))
table = torch.tensor([[float(v) for v in vectors[w]] for w in index])
print("words", len(index))


def bag(s):
    return torch.tensor([index[w] for w in tok(s) if w in index])


def features(rows):
    """sum vector and max vector of both sides, as comparisons (no gradient is needed: GloVe is fixed)"""
    out = []
    for a, b, _ in rows:
        A, B = table[bag(a)], table[bag(b)]
        wa, wb = set(tok(a)), set(tok(b))
        ma, mb = A.mean(0), B.mean(0)
        S = F.normalize(A, dim=1) @ F.normalize(B, dim=1).T
        extra = torch.tensor([len(wa & wb) / len(wa | wb), F.cosine_similarity(ma, mb, dim=0), S.max(1)[0].mean(), S.max(0)[0].mean(),
                              S.max(1)[0].min(), S.max(0)[0].min(), abs(len(wa) - len(wb)) / 10, float(("not" in wa or "no" in wa) != ("not" in wb or "no" in wb))])
        out.append(torch.cat([(ma - mb).abs(), ma * mb, extra]))
    return torch.stack(out)


def spread(scores, k=5):
    p = torch.zeros(len(scores), k)
    for i, y in enumerate(scores):
        lo = int(y)
        if lo == k:
            p[i, k - 1] = 1.0
        else:
            p[i, lo - 1], p[i, lo] = lo + 1 - y, y - lo
    return p


Xtr, Xte = features(train), features(test)
mu, sd = Xtr.mean(0), Xtr.std(0)
Xtr, Xte = (Xtr - mu) / sd, (Xte - mu) / sd
ytr, yte = torch.tensor([r[2] for r in train]), torch.tensor([r[2] for r in test])
Ptr, Pte = spread(ytr.tolist()), spread(yte.tolist())
rates = torch.arange(1.0, 6.0)

head = nn.Sequential(nn.Linear(Xtr.shape[1], 50), nn.Sigmoid(), nn.Dropout(0.2), nn.Linear(50, 5), nn.LogSoftmax(dim=1))
opt = torch.optim.Adam(head.parameters(), lr=4e-3, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 7)
for epoch in range(7):
    head.train()
    tot = 0.0
    for ix in torch.randperm(len(Xtr)).split(50):
        opt.zero_grad()
        loss = F.kl_div(head(Xtr[ix]), Ptr[ix], reduction="batchmean")
        loss.backward()
        opt.step()
        tot += loss.item() * len(ix)
    sched.step()
    head.eval()
    with torch.no_grad():
        lp = head(Xte)
        pred = lp.exp() @ rates
    print(f"epoch {epoch + 1:2d}  KL {tot / len(Xtr):.3f}  test KL {F.kl_div(lp, Pte, reduction='batchmean'):.3f}  "
          f"r {pearsonr(pred, yte)[0]:.3f}  rho {spearmanr(pred, yte)[0]:.3f}  mse {((pred - yte) ** 2).mean():.3f}")
