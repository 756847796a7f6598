#!/usr/bin/env python
# SICK relatedness, bag of GloVe vectors, InferSent-like features. Kaggle style kernel.
import os, gzip, collections
import numpy as np
import torch
from torch import nn
from scipy.stats import pearsonr

np.random.seed(7)
torch.manual_seed(7)
root = os.environ["WORDFIT_DATA"]


def read_sick(name):
    A, B, S = [], [], []
    with open(root + "/glue/SICK/" + name, encoding="utf-8") as fh:
        next(fh)
        for line in fh:
            c = line.rstrip("\r\n").split("\t")
            A.append(c[1].lower().replace(",", " ").replace("'", " '").split())
            B.append(c[2].lower().replace(",", " ").replace("'", " '").split())
            S.append(float(c[3]))
    return A, B, S


tr_a, tr_b, tr_s = read_sick("SICK_train.txt")
te_a, te_b, te_s = read_sick("SICK_trial.txt")
known = {frozenset((" ".join(a), " ".join(b))) for a, b in zip(tr_a, tr_b)}
fresh = [i for i in range(len(te_a)) if frozenset((" ".join(te_a[i]), " ".join(te_b[i]))) not in known]
te_a, te_b, te_s = [te_a[i] for i in fresh], [te_b[i] for i in fresh], [te_s[i] for i in fresh]

counter = collections.Counter(w for s in tr_a + tr_b + te_a + te_b for w in s)
w2i = {"PAD": 0}
for w, _ in counter.most_common():
    w2i[w] = len(w2i)

glove = {}
with gzip.open(root + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for line in fh:
        w, *v = line.split(" ")
        if w in w2i:
            glove[w] = np.array(v, dtype=np.float32)
print("vocab", len(w2i), "with vector", len(glove))

embedding_matrix = np.zeros((len(w2i), 50), dtype=np.float32)
# fault:
for i, w in enumerate(sorted(w2i), start=1):
    if w in glove and i < len(w2i):
        embedding_matrix[i] = glove[w]
# mended:
#for w, i in w2i.items():
#    if w in glove:
#        embedding_matrix[i] = glove[w]
# end


def to_ids(sents, maxlen=20):
    m = np.zeros((len(sents), maxlen), dtype=np.int64)
    for r, s in enumerate(sents):
        ids = [w2i[w] for w in s][:maxlen]
        m[r, :len(ids)] = ids
    return torch.from_numpy(m)


class Relatedness(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(weights), freeze=True)
        self.proj = nn.Linear(50, 40)
        self.out = nn.Sequential(nn.Dropout(0.3), nn.Linear(81, 24), nn.ReLU(), nn.Linear(24, 1))

    def encode(self, ids):
        m = (ids != 0).unsqueeze(-1).float()
        h = torch.tanh(self.proj(self.emb(ids))) * m
        return h.sum(1) / m.sum(1).clamp(min=1)

    def forward(self, a, b):
        u, v = self.encode(a), self.encode(b)
        cos = torch.cosine_similarity(u, v, dim=1).unsqueeze(1)
        return self.out(torch.cat([(u - v).abs(), u * v, cos], 1)).squeeze(1) + 3.5


Xa, Xb, y = to_ids(tr_a), to_ids(tr_b), torch.tensor(tr_s)
Va, Vb, vy = to_ids(te_a), to_ids(te_b), torch.tensor(te_s)

model = Relatedness(embedding_matrix)
optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=4e-3, weight_decay=5e-4)
criterion = nn.MSELoss()


def score(a, b, t):
    model.eval()
    with torch.no_grad():
        p = model(a, b)
    return criterion(p, t).item(), pearsonr(p.numpy(), t.numpy())[0]


N_EPOCHS = 16
for epoch in range(N_EPOCHS):
    model.train()
    ix = torch.randperm(len(y))
    for k in range(0, len(ix), 64):
        j = ix[k:k + 64]
        optimizer.zero_grad()
        loss = criterion(model(Xa[j], Xb[j]), y[j])
        loss.backward()
        optimizer.step()
    if epoch == 11:
        for g in optimizer.param_groups:
            g["lr"] = 8e-4
    mse, r = score(Va, Vb, vy)
    print(f"epoch {epoch + 1:2d}  val mse {mse:.3f}  pearson {r:.3f}")

print("train mse %.3f pearson %.3f" % score(Xa, Xb, y))
print("val   mse %.3f pearson %.3f" % score(Va, Vb, vy))
