"""Distil a TF-IDF + logistic regression teacher (huge sparse model) into a small net that fits on a microcontroller.
Task: is the sentence from a film review, an encyclopedia or a newswire?"""
import gzip, os, random, re, zlib
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

random.seed(77); np.random.seed(77); torch.manual_seed(77)
C = os.path.join(os.environ["WORDFIT_DATA"], "corpora")
SOURCES = ["imdb-unsup-25k", "enwiki-2018-sample", "reuters-21578-bodies"]
BUCKETS, DIM, TEMP, ALPHA = 3000, 12, 2.0, 0.7

texts, labels, seen = [], [], set()
for k, name in enumerate(SOURCES):
    got = 0
    with gzip.open(f"{C}/{name}.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            w = re.findall(r"[a-z]+", line.replace("<br />", " ").lower())[:40]
            key = " ".join(w)
            if len(w) < 8 or key in seen:
                continue
            seen.add(key); texts.append(key); labels.append(k); got += 1
            if got == 1800:
                break
order = np.random.permutation(len(texts))
texts, y = [texts[i] for i in order], np.array(labels)[order]
cut = 4400
tfidf = TfidfVectorizer(sublinear_tf=True, min_df=2, max_features=12000)
A = tfidf.fit_transform(texts[:cut]); B = tfidf.transform(texts[cut:])
teacher = LogisticRegression(C=0.5, max_iter=60).fit(A, y[:cut])
print("teacher: train %.4f  test %.4f, %d weights" % (teacher.score(A, y[:cut]), teacher.score(B, y[cut:]), teacher.coef_.size))
soft = torch.tensor(teacher.decision_function(A), dtype=torch.float32)

ids = [torch.tensor([zlib.crc32(w.encode()) % BUCKETS for w in t.split()]) for t in texts]
y = torch.tensor(y)


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, DIM, mode="mean")
        self.out = nn.Linear(DIM, len(SOURCES))
        nn.init.normal_(self.bag.weight, std=0.1)

    def forward(self, rows):
        off = torch.tensor([0] + [len(r) for r in rows[:-1]]).cumsum(0)
        return self.out(self.bag(torch.cat(rows), off))


student = Student()
opt = torch.optim.Adam(student.parameters(), lr=1e-2)


def accuracy(a, b):
    with torch.no_grad():
        return (student(ids[a:b]).argmax(1) == y[a:b]).float().mean().item()


EPOCHS = 4
for ep in range(EPOCHS):
    for g in opt.param_groups:
        g["lr"] = 1e-2 * (1 - ep / EPOCHS)
    kd_sum = ce_sum = 0.0
    perm = torch.randperm(cut)
    for idx in perm.split(70):
        z = student([ids[i] for i in idx.tolist()])
        kd = F.kl_div(F.log_softmax(z / TEMP, 1), F.log_softmax(soft[idx] / TEMP, 1), reduction="batchmean", log_target=True) * TEMP ** 2
        ce = F.cross_entropy(z, y[idx])
        loss = ALPHA * kd + (1 - ALPHA) * ce
        opt.zero_grad(); loss.backward(); opt.step()
        kd_sum += kd.item() * len(idx); ce_sum += ce.item() * len(idx)
    print("epoch %d  kd %.4f  ce %.4f  student train %.4f test %.4f" % (ep + 1, kd_sum / cut, ce_sum / cut, accuracy(0, cut), accuracy(cut, len(ids))))
print("student has", sum(p.numel() for p in student.parameters()), "parameters")
