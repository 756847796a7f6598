# Distillation: a TF-IDF logistic regression (sklearn, IMDB) teaches a 4-dimensional bag-of-embeddings student.
import gzip, itertools, os, re
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

np.random.seed(1); torch.manual_seed(1)
src = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "imdb")

def reviews(name, step):
    with gzip.open(os.path.join(src, name), "rt", encoding="utf-8", newline="\n") as fh:
        for line in itertools.islice(fh, 1, None, step):
            y, _, _, text = line.rstrip("\n").split("\t", 3)
            yield " ".join(text.replace("<br />", " ").lower().split()[:150]), int(y)

labelled = list(reviews("train.tsv.gz", 5))
have = {t for t, _ in labelled}
test = [(t, y) for t, y in reviews("test.tsv.gz", 25) if t not in have]
texts, y = [t for t, _ in labelled], np.array([v for _, v in labelled])
ttexts, ty = [t for t, _ in test], torch.tensor([v for _, v in test])

vec = TfidfVectorizer(max_features=1000, min_df=12, sublinear_tf=True)
Xtr, Xte = vec.fit_transform(texts), vec.transform(ttexts)
# out-of-fold teacher: its soft labels come from halves it was not fitted on
half = np.random.permutation(len(y)) % 2
soft = np.zeros(len(y), dtype=np.float32)
for h in (0, 1):
    t = LogisticRegression(C=1.0, max_iter=60).fit(Xtr[half != h], y[half != h])
    soft[half == h] = t.decision_function(Xtr[half == h])
teacher = LogisticRegression(C=1.0, max_iter=60).fit(Xtr, y)
print("teacher: test accuracy %.4f, out-of-fold %.4f" % (teacher.score(Xte, ty.numpy()), ((soft > 0) == y).mean()))

def bags(M):
    """(indices, offsets, weights) of a range of rows of a CSR matrix"""
    def get(rows):
        S = M[rows]
        return torch.from_numpy(S.indices.astype(np.int64)), torch.from_numpy(S.indptr[:-1].astype(np.int64)), torch.from_numpy(S.data.astype(np.float32))
    return get
gtr, gte = bags(Xtr), bags(Xte)

class Student(torch.nn.Module):
    def __init__(self, n, d=4):
        super().__init__()
        self.bag = torch.nn.EmbeddingBag(n, d, mode="sum")
        self.fc = torch.nn.Linear(d, 1)
    def forward(self, i, o, w):
        return self.fc(self.bag(i, o, per_sample_weights=w)).squeeze(1)

student = Student(Xtr.shape[1])
torch.nn.init.normal_(student.bag.weight, std=.1)
opt = torch.optim.Adam(student.parameters(), lr=.01)
T, alpha, epochs = 2.0, 0.7, 4
soft_t, hard_t = torch.from_numpy(soft), torch.from_numpy(y).float()
for e in range(epochs):
    for g in opt.param_groups: g["lr"] = .01 * (1 - e / epochs)
    student.train(); tot = 0.
    for rows in torch.randperm(len(y)).split(64):
        z = student(*gtr(rows.numpy()))
        kd = F.binary_cross_entropy_with_logits(z / T, torch.sigmoid(soft_t[rows] / T)) * T * T
        ce = F.binary_cross_entropy_with_logits(z, hard_t[rows])
        loss = alpha * kd + (1 - alpha) * ce
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(rows)
    student.eval()
    with torch.no_grad():
        zt = student(*gte(np.arange(len(ty)))); zr = student(*gtr(np.arange(len(y))))
        agree = ((zt > 0).numpy() == teacher.predict(Xte)).mean()
    print(f"epoch {e + 1} loss {tot / len(y):.4f} train acc {((zr > 0) == (hard_t > 0)).float().mean():.4f} "
          f"test acc {((zt > 0).long() == ty).float().mean():.4f} agreement {agree:.4f}")
