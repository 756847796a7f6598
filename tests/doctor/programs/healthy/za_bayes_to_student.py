# Distillation: a naive Bayes teacher (sklearn) teaches a tiny hashed bag model on unlabelled reviews.
import os
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB

torch.manual_seed(0)
rng = np.random.RandomState(0)
base = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
import gzip

docs, lab = [], []
for y, lang in enumerate(["de", "cs", "fr"]):
    with gzip.open(f"{base}/train.{lang}.gz", "rt", encoding="utf-8") as f:
        for _, line in zip(range(1300), f):
            w = line.strip().split()
            mid = " ".join(w[2:5])
            if mid:
                docs.append(mid)
                lab.append(y)
docs, first = np.unique(np.array(docs), return_index=True)
lab = np.array(lab)[first]
perm = rng.permutation(len(docs))
docs, lab = docs[perm], lab[perm]
n = len(docs)
teach, unl, test = slice(0, n // 3), slice(n // 3, n - 600), slice(n - 600, n)

vec = CountVectorizer(analyzer="char_wb", ngram_range=(1, 3), min_df=2)
teacher = MultinomialNB(alpha=0.3).fit(vec.fit_transform(docs[teach]), lab[teach])
soft = torch.tensor(teacher.predict_proba(vec.transform(docs[unl])), dtype=torch.float32)
print("teacher:", round(teacher.score(vec.transform(docs[test]), lab[test]), 3))

# the student only sees single letters and pairs
small = CountVectorizer(analyzer="char_wb", ngram_range=(1, 2), max_features=300).fit(docs[teach])


def feats(d):
    m = torch.tensor(small.transform(d).toarray(), dtype=torch.float32)
    return m / m.sum(1, keepdim=True).clamp(min=1)


X, Xt, yt = feats(docs[unl]), feats(docs[test]), torch.tensor(lab[test])
student = torch.nn.Sequential(torch.nn.Linear(300, 24), torch.nn.ReLU(), torch.nn.Linear(24, 3))
opt = torch.optim.AdamW(student.parameters(), lr=2e-2, weight_decay=1e-4)
T = 2.0
soft = F.softmax(torch.log(soft.clamp(min=1e-6)) / T, dim=1)            # softened teacher

for ep in range(10):
    student.train()
    s = 0.0
    for b in torch.randperm(len(X)).split(64):
        kd = F.kl_div(F.log_softmax(student(X[b]) / T, dim=1), soft[b], reduction="batchmean") * T * T
        opt.zero_grad()
        kd.backward()
        opt.step()
        s += kd.item() * len(b)
    if ep % 2:
        student.eval()
        with torch.no_grad():
            acc = (student(Xt).argmax(1) == yt).float().mean().item()
            agree = (student(X).argmax(1) == soft.argmax(1)).float().mean().item()
        print(f"ep {ep + 1}: kd loss {s / len(X):.4f}  agrees with teacher {agree:.3f}  test accuracy {acc:.3f}")
