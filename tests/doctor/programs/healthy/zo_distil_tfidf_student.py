"""Knowledge distillation: a TF-IDF logistic regression teaches a 16-dimensional bag model (language of a tweet)."""
import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

torch.manual_seed(31)
folder = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
langs = ["english", "german", "italian", "portuguese"]
T, ALPHA = 2.0, 0.8


def read(part, n):
    texts, y = [], []
    for k, l in enumerate(langs):
        with open(os.path.join(folder, l, f"{part}_text.txt"), encoding="utf-8") as f:
            lines = [" ".join(w for w in x.lower().split() if w.isalpha() and w != "http") for x in f]
        lines = [x for x in dict.fromkeys(lines) if len(x) > 20][:n]
        texts += lines
        y += [k] * len(lines)
    return texts, np.array(y)


tr_txt, tr_y = read("train", 260)
te_txt, te_y = read("test", 100)
keep = [i for i, t in enumerate(te_txt) if t not in set(tr_txt)]
te_txt, te_y = [te_txt[i] for i in keep], te_y[keep]

hv = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 3), n_features=2048, alternate_sign=False, norm=None)
A, B = hv.transform(tr_txt), hv.transform(te_txt)
teacher = make_pipeline(TfidfTransformer(sublinear_tf=True), LogisticRegression(C=10, max_iter=50)).fit(A, tr_y)
print("teacher accuracy %.3f" % teacher.score(B, te_y))
soft = torch.tensor(teacher.decision_function(A), dtype=torch.float32)     # teacher logits


def bags(M):
    M = M.tocsr()
    return [(torch.from_numpy(r.indices.astype(np.int64)), torch.from_numpy(r.data.astype(np.float32))) for r in M]


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.EmbeddingBag(2048, 16, mode="sum")
        self.out = nn.Linear(16, len(langs))

    def forward(self, rows):
        idx = torch.cat([i for i, _ in rows])
        w = torch.cat([v / v.sum() for _, v in rows])
        off = torch.tensor([0] + [len(i) for i, _ in rows[:-1]]).cumsum(0)
        return self.out(self.emb(idx, off, per_sample_weights=w))


tr_b, te_b = bags(A), bags(B)
y = torch.from_numpy(tr_y)
student = Student()
opt = torch.optim.Adam(student.parameters(), lr=0.02)
for epoch in range(4):
    student.train()
    tot = 0.0
    for idx in torch.randperm(len(y)).split(32):
        logit = student([tr_b[i] for i in idx.tolist()])
        kd = F.kl_div(F.log_softmax(logit / T, 1), F.softmax(soft[idx] / T, 1), reduction="batchmean") * T * T
        loss = ALPHA * kd + (1 - ALPHA) * F.cross_entropy(logit, y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(idx)
    student.eval()
    with torch.no_grad():
        a = (student(tr_b).argmax(1) == y).float().mean().item()
        b = (student(te_b).argmax(1).numpy() == te_y).mean()
    print(f"epoch {epoch + 1} loss {tot / len(y):.4f} student train {a:.3f} test {b:.3f}")
