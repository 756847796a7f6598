"""Compress the tf-idf + logistic regression that routes mail into a tiny hashed net for the edge box.
The teacher never changes; the student sees soft targets on unlabelled mail and hard labels on the few labelled ones."""
import random, zlib
import numpy as np
import torch, torch.nn.functional as F
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

random.seed(6); np.random.seed(6); torch.manual_seed(6)
TOPIC = {
 "invoice": "invoice payment amount due bank transfer account reminder overdue receipt".split(),
 "damage": "broken damaged cracked dent photo repair claim arrived box torn".split(),
 "return": "return refund exchange size label send back unused fits wrong".split(),
 "praise": "thanks great happy recommend friendly quick love perfect smile wonderful".split()}
names = list(TOPIC)
GLUE = "hello i we the your order number from last week please and for my with about it team best regards".split()
def mail():
    y = random.randrange(4)
    w = random.sample(TOPIC[names[y]], random.randint(2, 4)) + random.sample(GLUE, random.randint(5, 10))
    if random.random() < .4: w.append(random.choice(TOPIC[random.choice(names)]))
    random.shuffle(w)
    return " ".join(w), y
mails = list(dict.fromkeys(mail() for _ in range(3300)))
lab, unl, test = mails[:800], [m for m, _ in mails[800:2700]], mails[2700:]

tfidf = TfidfVectorizer()
teacher = LogisticRegression(C=10, max_iter=300).fit(tfidf.fit_transform([m for m, _ in lab]), [y for _, y in lab])
t_acc = teacher.score(tfidf.transform([m for m, _ in test]), [y for _, y in test])

B = 512
def hashed(ms):
    x = torch.zeros(len(ms), B)
    for i, m in enumerate(ms):
        for w in m.split(): x[i, zlib.crc32(w.encode()) % B] = 1.
    return x / x.norm(dim=1, keepdim=True)

texts = [m for m, _ in lab] + unl
soft = torch.tensor(teacher.predict_log_proba(tfidf.transform(texts)), dtype=torch.float32)
hard = torch.tensor([y for _, y in lab] + [-100] * len(unl))
X, Xt, yt = hashed(texts), hashed([m for m, _ in test]), torch.tensor([y for _, y in test])
T = 2.0
student = torch.nn.Sequential(torch.nn.Linear(B, 12), torch.nn.ReLU(), torch.nn.Linear(12, 4))
opt = torch.optim.Adam(student.parameters(), lr=8e-3)
for epoch in range(8):
    tot = 0
    for idx in torch.randperm(len(X)).split(50):
        out = student(X[idx])
        kd = F.kl_div(F.log_softmax(out / T, 1), F.log_softmax(soft[idx] / T, 1), log_target=True, reduction="batchmean") * T * T
        m = hard[idx] >= 0
        ce = F.cross_entropy(out[m], hard[idx][m]) if m.any() else out.sum() * 0
        loss = .8 * kd + .2 * ce
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(idx)
    with torch.no_grad(): p = student(Xt).argmax(1)
    print(f"epoch {epoch} loss {tot / len(X):.4f} student {(p == yt).float().mean():.3f} (teacher {t_acc:.3f})")
