# Hinton-style distillation on MR: an ensemble of two GloVe MLPs teaches a student that only sees a 25d twitter table
import gzip, os, random, copy
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(9); random.seed(9); np.random.seed(9)
R = os.environ["WORDFIT_DATA"]

def read_table(fn, dim):
    d = {}
    for line in gzip.open(f"{R}/vectors/{fn}", "rt", encoding="utf-8"):
        p = line.rstrip("\n").split(" ")
        if len(p) == dim + 1: d[p[0]] = np.array(p[1:], dtype=np.float32)
    return d

big = read_table("glove.6B.50d.top10361.txt.gz", 50)
small = read_table("glove.twitter.27B.25d.common11925.txt.gz", 25)
rows = {}
for y, ext in enumerate(["neg", "pos"]):
    for l in open(f"{R}/sentiment/MR/rt-polarity.{ext}", encoding="latin-1"):
        t = tuple(l.split())
        if any(w in big for w in t) and any(w in small for w in t): rows[t] = y
rows = list(rows.items()); random.shuffle(rows)

def summary(table, dim, both):
    X = []
    for t, _ in rows:
        v = np.stack([table[w] for w in t if w in table])
        X.append(np.concatenate([v.mean(0), v.max(0), v.min(0)]) if both else np.concatenate([v.mean(0), v.std(0)]))
    X = torch.from_numpy(np.stack(X).astype(np.float32))
    return (X - X[:8500].mean(0)) / X[:8500].std(0)

XB, XS, Y = summary(big, 50, True), summary(small, 25, False), torch.tensor([y for _, y in rows])
tr, dv = slice(0, 8500), slice(8500, None)

def teacher(): return nn.Sequential(nn.Dropout(.3), nn.Linear(150, 32), nn.ReLU(), nn.Dropout(.4), nn.Linear(32, 2))

def acc(m, X, part):
    m.eval()
    with torch.no_grad(): return (m(X[part]).argmax(1) == Y[part]).float().mean().item()

teachers = []
for k in range(2):
    net = teacher(); o = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=.05)
    sc = torch.optim.lr_scheduler.CosineAnnealingLR(o, 7)
    for e in range(7):
        net.train(); s = 0
        for b in torch.randperm(8500).split(64):
            l = F.cross_entropy(net(XB[b]), Y[b]); o.zero_grad(); l.backward(); o.step(); s += l.item() * len(b)
        sc.step()
    print(f"teacher {k}: loss {s/8500:.4f} train {acc(net, XB, tr):.3f} dev {acc(net, XB, dv):.3f}")
    teachers.append(net.eval().requires_grad_(False))

T, ALPHA = 2., .7
with torch.no_grad(): soft = torch.stack([F.softmax(t(XB[tr]) / T, 1) for t in teachers]).mean(0)
student = nn.Linear(50, 2)
opt = torch.optim.SGD(student.parameters(), lr=.05, momentum=.9)
best, keep = 0., None
for e in range(6):
    student.train(); kd = ce = 0.
    for b in torch.randperm(8500).split(64):
        z = student(XS[b])
        l1 = F.kl_div(F.log_softmax(z / T, 1), soft[b], reduction="batchmean") * T * T
        l2 = F.cross_entropy(z, Y[b])
        opt.zero_grad(); (ALPHA * l1 + (1 - ALPHA) * l2).backward(); opt.step()
        kd += l1.item() * len(b) / 8500; ce += l2.item() * len(b) / 8500
    for g in opt.param_groups: g["lr"] *= .6
    print(f"student epoch {e}: kd {kd:.4f} ce {ce:.4f} dev {acc(student, XS, dv):.3f}")
with torch.no_grad():
    agree = (student(XS[dv]).argmax(1) == sum(F.softmax(t(XB[dv]), 1) for t in teachers).argmax(1)).float().mean().item()
print(f"student train {acc(student, XS, tr):.3f} dev {acc(student, XS, dv):.3f}; agrees with the teachers on {agree:.3f} of dev")
