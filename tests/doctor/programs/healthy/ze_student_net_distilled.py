# Distillation exercise: a count-based teacher (TF-IDF + logistic regression) trains a student with 4-dim vectors.
# Half of the lines have no gold label at all, the student sees only what the teacher thinks of them.
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

random.seed(12); np.random.seed(12); torch.manual_seed(12)
DEPT = {
    "physics": "quantum laser optics vacuum plasma photon crystal spectrum neutron magnet cryostat detector".split(),
    "civil": "bridge concrete soil tunnel beam foundation traffic dam asphalt load geology masonry".split(),
    "informatics": "compiler kernel database protocol thread cache parser graph query cluster proof logic".split(),
}
GLUE = "a the study of on for using with improved analysis modelling new design under measurement large applied".split()


def title():
    k = random.randrange(3)
    names = list(DEPT)
    t = random.choices(DEPT[names[k]], k=random.randint(2, 4)) + random.choices(GLUE, k=random.randint(3, 6))
    if random.random() < .3:
        t.append(random.choice(DEPT[random.choice(names)]))
    random.shuffle(t)
    return " ".join(t), k


gold, plain, test = ([title() for _ in range(n)] for n in (600, 1200, 400))
tfidf = TfidfVectorizer(token_pattern=r"\S+").fit([t for t, _ in gold])
teacher = LogisticRegression(C=5.0).fit(tfidf.transform([t for t, _ in gold]), [k for _, k in gold])
print("teacher acc on test: %.3f" % teacher.score(tfidf.transform([t for t, _ in test]), [k for _, k in test]))
soft = torch.tensor(teacher.predict_log_proba(tfidf.transform([t for t, _ in gold + plain])), dtype=torch.float32)
hard = torch.tensor([k for _, k in gold] + [-100] * len(plain))      # -100: no gold label for these

ids = {w: i + 1 for w, i in tfidf.vocabulary_.items()}
W = 12


def enc(part):
    X = torch.zeros(len(part), W, dtype=torch.long)
    for r, (t, _) in enumerate(part):
        s = [ids.get(w, 0) for w in t.split()][:W]
        X[r, :len(s)] = torch.tensor(s)
    return X


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(ids) + 1, 4, padding_idx=0)
        self.o = nn.Linear(4, 3)

    def forward(self, x):
        return self.o(self.e(x).sum(1))           # zero rows of the padding add nothing to a sum


X, Xt, yt = enc(gold + plain), enc(test), torch.tensor([k for _, k in test])
student = Student()
opt = torch.optim.Adam(student.parameters(), lr=2e-2)
T = 2.0
for epoch in range(6):
    kd_sum = ce_sum = 0.0
    for b in torch.randperm(len(X)).split(36):
        z = student(X[b])
        kd = F.kl_div(F.log_softmax(z / T, dim=1), F.log_softmax(soft[b] / T, dim=1), reduction="batchmean", log_target=True) * T * T
        have = hard[b] >= 0
        ce = F.cross_entropy(z[have], hard[b][have]) if have.any() else z.new_zeros(())
        loss = 0.7 * kd + 0.3 * ce
        opt.zero_grad(); loss.backward(); opt.step()
        kd_sum += kd.item(); ce_sum += ce.item()
    with torch.no_grad():
        zt = student(Xt)
    print("epoch %d kd %.4f ce %.4f | student test acc %.3f" % (epoch, kd_sum / 50, ce_sum / 50, (zt.argmax(1) == yt).float().mean()))
