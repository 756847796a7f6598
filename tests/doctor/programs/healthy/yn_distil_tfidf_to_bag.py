# Compress a TF-IDF + logistic regression sentiment service into an 8-dim embedding bag for the phone app.
# The student never sees a gold label: it learns the (softened) probabilities of the teacher on a transfer set.
import os
import numpy as np
import torch
from torch import nn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

SEED, T, DIM = 5, 2.0, 8
rng = np.random.RandomState(SEED)
torch.manual_seed(SEED)
root = os.environ["WORDFIT_DATA"] + "/glue/SST-2/"


def tsv(name):
    rows = [l.rstrip("\n").split("\t") for l in open(root + name, encoding="utf-8")][1:]
    return [r[0].strip() for r in rows], np.array([int(r[1]) for r in rows])


dev_x, dev_y = tsv("dev.tsv")
x, y = tsv("train.tsv")
ban, keep = set(dev_x), {}
for i, s in enumerate(x):
    if s not in ban and s.count(" ") >= 3:
        keep.setdefault(s, i)
idx = rng.permutation(list(keep.values()))
gold, transfer = idx[:10000], idx[10000:22000]

tf = TfidfVectorizer(token_pattern=r"\S+", min_df=3, sublinear_tf=True)
teacher = LogisticRegression(C=1.5, max_iter=100).fit(tf.fit_transform([x[i] for i in gold]), y[gold])
logit = lambda texts: teacher.decision_function(tf.transform(texts)).astype("float32")
t_dev = logit(dev_x)
print(f"teacher: dev acc {((t_dev > 0) == dev_y).mean():.4f}, {len(tf.vocabulary_)} weights")

voc = tf.vocabulary_
UNK = len(voc)
ids = lambda s: [voc.get(w, UNK) for w in s.lower().split()]
tr = [(ids(x[i]), l) for i, l in zip(transfer, logit([x[i] for i in transfer]))]
dv = [ids(s) for s in dev_x]


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.EmbeddingBag(UNK + 1, DIM, mode="sum")
        nn.init.normal_(self.e.weight, std=0.05)
        self.o = nn.Linear(DIM, 2)

    def forward(self, seqs):
        n = torch.tensor([len(s) for s in seqs])
        flat = torch.tensor([w for s in seqs for w in s])
        z = self.e(flat, n.cumsum(0) - n) / n.float().sqrt().unsqueeze(1)
        return self.o(z)


student = Student()
opt = torch.optim.Adam(student.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 2e-2, epochs=4, steps_per_epoch=len(tr) // 100)
kl = nn.KLDivLoss(reduction="batchmean")
for ep in range(4):
    student.train()
    order, run = rng.permutation(len(tr)), []
    for s in range(0, len(tr) - 99, 100):
        part = [tr[i] for i in order[s:s + 100]]
        tl = torch.tensor([l for _, l in part])
        soft = torch.stack([-tl / 2, tl / 2], 1).div(T).softmax(1)
        loss = kl((student([a for a, _ in part]) / T).log_softmax(1), soft) * T * T
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        run.append(loss.item())
    student.eval()
    with torch.no_grad():
        out = student(dv)
        pred = out.argmax(1).numpy()
        soft = torch.from_numpy(np.stack([-t_dev / 2, t_dev / 2], 1) / T).softmax(1)
        dkl = kl((out / T).log_softmax(1), soft).item() * T * T
    print(f"epoch {ep}: kl {np.mean(run):.4f}  dev kl {dkl:.4f}  dev acc {(pred == dev_y).mean():.4f}  agreement {(pred == (t_dev > 0)).mean():.4f}")
