# Semi-supervised node classification on a graph of words (GloVe neighbours), full batch, six of ten nodes labelled.
import gzip, os
import numpy as np
import torch
import torch.nn.functional as F

torch.manual_seed(2); np.random.seed(2)
base = os.environ["WORDFIT_DATA"]
cats = {}
sec = None
for ln in open(base + "/wordsim/analogy/questions-words.txt"):
    if ln[0] == ":":
        sec = ln[2:].strip()
        continue
    a, b, c, d = ln.lower().split()
    left, right = {"capital-common-countries": ("city", "country"), "capital-world": ("city", "country"),
                   "currency": ("country", "currency"), "city-in-state": ("city", "state"), "family": ("kin", "kin"),
                   "gram6-nationality-adjective": ("country", "nationality"), "gram5-present-participle": ("verb", "verb"),
                   "gram7-past-tense": ("verb", "verb"), "gram8-plural": ("noun", "noun"),
                   "gram3-comparative": ("adj", "adj"), "gram4-superlative": ("adj", "adj")}.get(sec, (None, None))
    for w, k in ((a, left), (b, right)):
        if k: cats.setdefault(w, k)
vecs = {}
with gzip.open(base + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for ln in fh:
        w, rest = ln.split(" ", 1)
        if w in cats: vecs[w] = np.array(rest.split(), dtype="float32")
words = sorted(vecs)
names = sorted({cats[w] for w in words})
y = torch.tensor([names.index(cats[w]) for w in words])
X = torch.tensor(np.stack([vecs[w] for w in words]))
X = F.normalize(X - X.mean(0), dim=1)
n = len(words)
sim = X @ X.T
sim.fill_diagonal_(-1)
nb = sim.topk(8, dim=1).indices
A = torch.zeros(n, n).scatter_(1, nb, 1.)
A = ((A + A.T) > 0).float() + torch.eye(n)
deg = A.sum(1)
A = (A / (deg[:, None] * deg[None, :]).sqrt()).to_sparse()
print(n, "words,", len(names), "classes,", int(A._nnz()), "edges")

perm = torch.randperm(n)
lab, held = perm[: n * 6 // 10], perm[n * 6 // 10:]
W0 = torch.nn.Parameter(torch.empty(50, 16)); torch.nn.init.xavier_uniform_(W0)
W1 = torch.nn.Parameter(torch.empty(16, len(names))); torch.nn.init.xavier_uniform_(W1)
bias = torch.nn.Parameter(torch.zeros(len(names)))
opt = torch.optim.Adam([{"params": [W0], "weight_decay": 8e-3}, {"params": [W1, bias], "weight_decay": 1e-3}], lr=.03)


def gcn(train):
    h = torch.relu(torch.sparse.mm(A, X @ W0))
    h = F.dropout(h, .5, training=train)
    return torch.sparse.mm(A, h @ W1) + bias


for step in range(1, 151):
    out = gcn(True)
    loss = F.cross_entropy(out[lab], y[lab])
    opt.zero_grad(); loss.backward(); opt.step()
    if step in (100, 130):
        for g in opt.param_groups: g["lr"] *= .3
    if step % 25 == 0:
        with torch.no_grad():
            p = gcn(False).argmax(1)
        print(f"step {step:3d} loss {loss.item():.3f} labelled {(p[lab] == y[lab]).float().mean():.3f} held out {(p[held] == y[held]).float().mean():.3f}")
print("most frequent class: %.3f" % (torch.bincount(y[held]).max().item() / len(held)))
