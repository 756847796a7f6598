# Rotten Tomatoes sentences - baseline notebook exported as script
# glove averages -> small MLP, 3 folds, weighted blend with tf-idf + logreg
import os, gzip, random
import numpy as np
import torch, torch.nn as nn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.metrics import roc_auc_score, accuracy_score

SEED = 2020
def seed_everything(s):
    random.seed(s); np.random.seed(s); torch.manual_seed(s)
seed_everything(SEED)

DATA = os.environ["WORDFIT_DATA"]
rows = {}
for y, name in ((1, "pos"), (0, "neg")):
    for line in open(f"{DATA}/sentiment/MR/rt-polarity.{name}", encoding="latin-1"):
        rows[line.strip()] = y                      # dict also drops repeated sentences
text = list(rows)
order = np.random.permutation(len(text))[:9000]
text = [text[i] for i in order]
target = np.array([rows[t] for t in text], dtype=np.float32)
print("rows", len(text), "mean target", target.mean().round(3))

# %% features
glove = {}
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip().split(" ")
        glove[w] = np.array(v, dtype=np.float32)
stop = set("the a an of , . to and in is it that its as".split())

def sent2vec(s):
    vs = [glove[w] for w in s.split() if w in glove and w not in stop]
    if not vs:
        return np.zeros(50, dtype=np.float32)
    return np.mean(vs, axis=0)

X = np.stack([sent2vec(t) for t in text])

class MLP(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.net = nn.Sequential(nn.BatchNorm1d(d), nn.Linear(d, 32), nn.ReLU(),
                                 nn.Dropout(0.2), nn.Linear(32, 1))
    def forward(self, x):
        return self.net(x).squeeze(1)

def fit_fold(xtr, ytr, xva, yva, epochs=8, bs=200):
    model = MLP(xtr.shape[1])
    opt = torch.optim.AdamW(model.parameters(), lr=8e-3, weight_decay=1e-2)
    steps = epochs * ((len(xtr) + bs - 1) // bs)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, total_steps=steps)
    xtr, ytr, xva = map(torch.from_numpy, (xtr, ytr, xva))
    for ep in range(epochs):
        model.train()
        for idx in torch.randperm(len(xtr)).split(bs):
            loss = nn.functional.binary_cross_entropy_with_logits(model(xtr[idx]), ytr[idx])
            opt.zero_grad(); loss.backward(); opt.step(); sched.step()
    model.eval()
    with torch.no_grad():
        ptr, pva = model(xtr).sigmoid().numpy(), model(xva).sigmoid().numpy()
    return pva, roc_auc_score(ytr.numpy(), ptr)

# %% folds
oof_nn, oof_lr = np.zeros(len(text)), np.zeros(len(text))
for fold, (tr, va) in enumerate(StratifiedKFold(3, shuffle=True, random_state=SEED).split(X, target)):
    oof_nn[va], auc_tr = fit_fold(X[tr], target[tr], X[va], target[va])
    tfidf = TfidfVectorizer(sublinear_tf=True, min_df=3)
    A = tfidf.fit_transform([text[i] for i in tr])
    lr = LogisticRegression(C=1.0, solver="liblinear").fit(A, target[tr])
    oof_lr[va] = lr.predict_proba(tfidf.transform([text[i] for i in va]))[:, 1]
    print(f"fold {fold}: nn train auc {auc_tr:.4f}  valid auc {roc_auc_score(target[va], oof_nn[va]):.4f}"
          f"  tfidf auc {roc_auc_score(target[va], oof_lr[va]):.4f}")
blend = 0.2 * oof_nn + 0.8 * oof_lr
print("CV auc  nn %.4f  tfidf %.4f  blend %.4f" % tuple(roc_auc_score(target, p) for p in (oof_nn, oof_lr, blend)))
print("CV acc  blend %.4f" % accuracy_score(target, blend > 0.5))
