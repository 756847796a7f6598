# SMS spam, 8 % positives, hashed words, 4 folds, logistic regression in torch. Metric: average precision + F1
import random, zlib
import numpy as np
import torch
from torch import nn
from sklearn.metrics import average_precision_score, f1_score
from sklearn.model_selection import StratifiedKFold

random.seed(1); torch.manual_seed(1)
HAM = "ok see you at home dinner class bus late mom call later love going tonight lol yes no maybe work".split()
SPAM = "free win prize cash claim txt urgent offer click mobile".split()


def sms():
    y = int(random.random() < 0.08)
    k = random.randint(5, 12)
    words = [random.choice(SPAM) if random.random() < (0.45 if y else 0.04) else random.choice(HAM) for _ in range(k)]
    return " ".join(words), y


data = [sms() for _ in range(3000)]
y = np.array([c for _, c in data])
D = 256
X = np.zeros((len(data), D), dtype=np.float32)
for r, (t, _) in enumerate(data):
    for w in t.split():
        X[r, zlib.crc32(w.encode()) % D] += 1
X = torch.from_numpy(np.log1p(X))
Y = torch.from_numpy(y).float()

oof = np.zeros(len(y))
for fold, (tr, va) in enumerate(StratifiedKFold(4, shuffle=True, random_state=0).split(X, y)):
    lin = nn.Linear(D, 1)
    ratio = (len(tr) - Y[tr].sum()) / Y[tr].sum()
    bce = nn.BCEWithLogitsLoss(pos_weight=ratio)
    opt = torch.optim.AdamW(lin.parameters(), lr=0.06, weight_decay=0.01)
    for ep in range(6):
        tot = 0
        for b in torch.randperm(len(tr)).split(50):
            i = torch.from_numpy(tr)[b]
            loss = bce(lin(X[i]).squeeze(1), Y[i])
            opt.zero_grad(); loss.backward(); opt.step()
            tot += loss.item() * len(b) / len(tr)
    with torch.no_grad():
        oof[va] = torch.sigmoid(lin(X[va]).squeeze(1)).numpy()
    print(f"fold {fold}: weighted loss {tot:.3f} after {ep + 1} epochs  AP {average_precision_score(y[va], oof[va]):.3f}")
print("OOF AP %.3f  F1 %.3f  positives %.3f" % (average_precision_score(y, oof), f1_score(y, oof > 0.8), y.mean()))
