# Metric learning on words: triplets pull words of one lexical class together.
# The GloVe table is a fixed input space; only the projection is learned. k-NN on unseen words.
import gzip
import os
import numpy as np
import torch
from torch import nn
from sklearn.neighbors import KNeighborsClassifier

torch.manual_seed(0)
rs = np.random.RandomState(0)
base = os.environ["WORDFIT_DATA"]

# lexical classes from columns of the analogy file: (section, column)
columns = {("capital-world", 0): "capital", ("capital-world", 1): "country", ("city-in-state", 1): "us-state",
           ("gram2-opposite", 0): "adjective", ("gram5-present-participle", 1): "participle",
           ("gram6-nationality-adjective", 1): "nationality", ("gram8-plural", 1): "plural", ("gram7-past-tense", 1): "past"}
label_of, sec = {}, ""
for line in open(os.path.join(base, "wordsim/analogy/questions-words.txt"), encoding="utf-8"):
    if line[0] == ":":
        sec = line[2:].strip()
        continue
    ws = line.lower().split()
    for i, w in enumerate(ws):
        name = columns.get((sec, i % 2))
        if name:
            label_of.setdefault(w, set()).add(name)
label_of = {w: next(iter(s)) for w, s in label_of.items() if len(s) == 1}

words, rows = [], []
with gzip.open(os.path.join(base, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.rstrip("\n").split(" ", 1)
        if w in label_of:
            words.append(w)
            rows.append(np.array(v.split(), dtype="float32"))
classes = sorted({label_of[w] for w in words})
y = np.array([classes.index(label_of[w]) for w in words])
perm = rs.permutation(len(words))
test_ids, train_ids = perm[:90], perm[90:]
print(len(words), "words", dict(zip(classes, np.bincount(y).tolist())))

table = nn.Embedding.from_pretrained(torch.from_numpy(np.stack(rows)), freeze=True)


class Projection(nn.Module):
    def __init__(self, table, out=16):
        super().__init__()
        self.table = table
        self.norm = nn.LayerNorm(table.embedding_dim)
        self.drop = nn.Dropout(0.2)
        self.lin = nn.Linear(table.embedding_dim, out)

    def forward(self, ids):
        return nn.functional.normalize(self.lin(self.drop(self.norm(self.table(ids)))), dim=-1)


def sample_triplets(pool, n):
    c = rs.randint(0, len(classes), n)                     # classes in equal shares
    a = np.array([rs.choice(pool[y[pool] == k]) for k in c])
    pos = np.array([rs.choice(pool[(y[pool] == k) & (pool != i)]) for k, i in zip(c, a)])
    neg = np.array([rs.choice(pool[y[pool] != k]) for k in c])
    return [torch.from_numpy(t) for t in (a, pos, neg)]


model = Projection(table)
criterion = nn.TripletMarginLoss(margin=0.4)
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=4e-3)
held = sample_triplets(test_ids, 300)


def knn():
    model.eval()
    with torch.no_grad():
        z = model(torch.arange(len(words))).numpy()
        tl = criterion(*[model(t) for t in held]).item()
    clf = KNeighborsClassifier(5).fit(z[train_ids], y[train_ids])
    return tl, clf.score(z[test_ids], y[test_ids])


print("before: triplet loss %.3f  5-NN %.3f" % knn())
for step in range(1, 181):
    model.train()
    a, p, n = (model(t) for t in sample_triplets(train_ids, 48))
    loss = criterion(a, p, n)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 30 == 0:
        print("step %d batch loss %.3f | held-out triplet loss %.3f  5-NN %.3f" % (step, loss.item(), *knn()))
