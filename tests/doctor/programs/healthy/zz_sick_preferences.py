"""Bradley-Terry on SICK: which of two sentence pairs is the more related one?

The scorer never sees the ratings themselves, only who won; Spearman with the ratings on the official trial and test set.
"""
import gzip
import os
import re
import torch
import torch.nn.functional as F
from scipy.stats import spearmanr

torch.manual_seed(21)
BASE = os.environ["WORDFIT_DATA"]
vocab = {}
rows = []
with gzip.open(os.path.join(BASE, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        parts = line.split(" ")
        vocab[parts[0]] = len(rows)
        rows.append([float(p) for p in parts[1:]])
E = torch.tensor(rows)
E = F.normalize(E - E.mean(0), dim=1)


def read(name):
    with open(os.path.join(BASE, "glue/SICK", name), encoding="utf-8") as f:
        next(f)
        for line in f:
            _, a, b, score, _ = line.rstrip("\n").split("\t")
            yield a, b, float(score)


def features(a, b):
    wa, wb = (re.findall(r"[a-z]+", t.lower()) for t in (a, b))
    ia, ib = ([vocab[w] for w in ws if w in vocab] for ws in (wa, wb))
    A, B = E[ia], E[ib]
    S = A @ B.T                                        # soft alignment of the words
    ma, mb = A.mean(0), B.mean(0)
    ra, rb = S.max(1)[0], S.max(0)[0]
    jac = len(set(wa) & set(wb)) / len(set(wa) | set(wb))
    neg = float(("no" in wa or "not" in wa) != ("no" in wb or "not" in wb))
    hand = torch.tensor([ra.mean(), rb.mean(), ra.min(), rb.min(), F.cosine_similarity(ma, mb, 0), jac, neg,
                         abs(len(wa) - len(wb)) / 10])
    return torch.cat([hand, (ma - mb).abs(), ma * mb])


def table(name):
    data = list(read(name))
    if "test" in name:
        data = data[::4]                               # every fourth one will do
    return torch.stack([features(a, b) for a, b, _ in data]), torch.tensor([s for _, _, s in data])



Xtr, ytr = table("SICK_train.txt")
Xdv, ydv = table("SICK_trial.txt")
Xte, yte = table("SICK_test_annotated.txt")
mean, std = Xtr.mean(0), Xtr.std(0) + 1e-6
Xtr, Xdv, Xte = [(x - mean) / std for x in (Xtr, Xdv, Xte)]

scorer = torch.nn.Sequential(torch.nn.Linear(Xtr.size(1), 24), torch.nn.GELU(), torch.nn.Linear(24, 1, bias=False))
optim = torch.optim.AdamW(scorer.parameters(), lr=3e-3, weight_decay=0.3)
plan = torch.optim.lr_scheduler.LinearLR(optim, 1.0, 0.05, total_iters=5 * 70)
for epoch in range(5):
    tot = n = 0
    for _ in range(70):
        i, j = torch.randint(len(ytr), (2, 128))
        gap = ytr[i] - ytr[j]
        keep = gap.abs() > 0.3                          # a judge would not see less than that
        i, j, gap = i[keep], j[keep], gap[keep]
        margin = (scorer(Xtr[i]) - scorer(Xtr[j])).squeeze(1) * gap.sign()
        loss = -F.logsigmoid(margin).mean()
        optim.zero_grad()
        loss.backward()
        optim.step()
        plan.step()
        tot += loss.item() * len(gap)
        n += len(gap)
    with torch.no_grad():
        rho = [spearmanr(scorer(x).squeeze(1), y)[0] for x, y in ((Xtr, ytr), (Xdv, ydv))]
    print("epoch %d  preference loss %.4f  rho train %.3f  rho trial %.3f" % (epoch, tot / n, *rho))
with torch.no_grad():
    print("test rho %.3f   word overlap alone %.3f" % (
        spearmanr(scorer(Xte).squeeze(1), yte)[0], spearmanr(Xte[:, 5], yte)[0]))
