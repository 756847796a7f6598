"""Which feed does a line come from (newspaper fiction mix / film fans / photo captions)?  Very unequal feeds.

Training draws balanced batches with a weighted sampler, so raw probabilities follow the wrong prior. We correct with
the log prior at inference and fit one temperature on the calibration split (Guo et al., 2017).
"""
import gzip
import itertools
import os
import re
from collections import Counter

import numpy as np
import torch
import torch.nn as nn
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import balanced_accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

SEED = 31
np.random.seed(SEED)
torch.manual_seed(SEED)
ROOT = os.environ["WORDFIT_DATA"]
FEEDS = [("corpora/brown.txt.gz", 2800), ("corpora/imdb-unsup-25k.txt.gz", 600), ("seq2seq/multi30k/train.en.gz", 400)]

sents, ys, known = [], [], set()
for lab, (name, wanted) in enumerate(FEEDS):
    got = 0
    with gzip.open(os.path.join(ROOT, name), "rt", encoding="utf-8", errors="replace") as fh:
        for raw in itertools.islice(fh, 1000, None):
            sent = re.sub(r"[^a-z ]+", " ", re.sub(r"\d[\d.,]*", " num ", raw.lower())).split()[:22]
            sent = " ".join(sent)
            if len(sent) > 60 and sent not in known:
                known.add(sent)
                sents.append(sent)
                ys.append(lab)
                got += 1
                if got == wanted:
                    break
print(len(sents), "lines", Counter(ys))

s_tr, s_rest, y_tr, y_rest = train_test_split(sents, ys, test_size=0.4, random_state=SEED, stratify=ys)
s_cal, s_te, y_cal, y_te = train_test_split(s_rest, y_rest, test_size=0.6, random_state=SEED, stratify=y_rest)

vec = CountVectorizer(min_df=3, binary=True)
Xtr = torch.tensor(vec.fit_transform(s_tr).toarray(), dtype=torch.float32)
Xcal = torch.tensor(vec.transform(s_cal).toarray(), dtype=torch.float32)
Xte = torch.tensor(vec.transform(s_te).toarray(), dtype=torch.float32)
ytr, ycal, yte = map(torch.tensor, (y_tr, y_cal, y_te))
prior = torch.bincount(ytr).float() / len(ytr)

sampler = WeightedRandomSampler((1.0 / prior)[ytr], num_samples=len(ytr), replacement=True,
                                generator=torch.Generator().manual_seed(SEED))
loader = DataLoader(TensorDataset(Xtr, ytr), batch_size=48, sampler=sampler)

clf = nn.Sequential(nn.Dropout(0.5), nn.Linear(Xtr.shape[1], 12), nn.ReLU(), nn.Dropout(0.2), nn.Linear(12, 3))
optim = torch.optim.AdamW(clf.parameters(), lr=4e-3, weight_decay=0.05)
EPOCHS = 5
sched = torch.optim.lr_scheduler.LambdaLR(optim, lambda e: 1 - e / EPOCHS)
criterion = nn.CrossEntropyLoss()

for epoch in range(EPOCHS):
    clf.train()
    losses = []
    for xb, yb in loader:
        optim.zero_grad(set_to_none=True)
        loss = criterion(clf(xb), yb)
        loss.backward()
        optim.step()
        losses.append(loss.item())
    sched.step()
    clf.eval()
    with torch.inference_mode():
        p = clf(Xcal).argmax(1)
        ptr = clf(Xtr).argmax(1)
    print(f"epoch {epoch + 1} loss {np.mean(losses):.4f} | balanced acc train {balanced_accuracy_score(ytr, ptr):.4f} "
          f"calib {balanced_accuracy_score(ycal, p):.4f}")

# ---- calibration -------------------------------------------------------------------------------
with torch.no_grad():
    zcal = clf(Xcal) + prior.log()             # undo the balanced sampling
    zte = clf(Xte) + prior.log()
log_t = nn.Parameter(torch.zeros(1))
lbfgs = torch.optim.LBFGS([log_t], lr=0.5, max_iter=40)


def closure():
    lbfgs.zero_grad()
    nll = criterion(zcal / log_t.exp(), ycal)
    nll.backward()
    return nll


lbfgs.step(closure)


def ece(logits, y, bins=10):
    conf, pred = logits.softmax(1).max(1)
    total = 0.0
    for lo in torch.arange(0, 1, 1 / bins):
        m = (conf > lo) & (conf <= lo + 1 / bins)
        if m.any():
            total += m.float().mean() * ((pred[m] == y[m]).float().mean() - conf[m].mean()).abs()
    return float(total)


T = log_t.exp().item()
print(f"T = {T:.3f}   test NLL {criterion(zte, yte).item():.4f} -> {criterion(zte / T, yte).item():.4f}   ECE {ece(zte, yte):.4f} -> {ece(zte / T, yte):.4f}")
pred = zte.argmax(1)
print(f"test accuracy {(pred == yte).float().mean():.4f}  macro-F1 {f1_score(yte, pred, average='macro'):.4f}  (majority {(yte == 0).float().mean():.4f})")
