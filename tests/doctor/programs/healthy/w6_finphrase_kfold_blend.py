# Financial PhraseBank: 3-fold bagging of a small torch head on frozen GloVe + tf-idf logistic regression, blended
import gzip, os, re
import numpy as np
import torch
from torch import nn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import StratifiedKFold, train_test_split

N_FOLDS, SEED = 3, 2021
ROOT = os.environ["WORDFIT_DATA"]
NAMES = ["negative", "neutral", "positive"]


def seed_everything(s):
    np.random.seed(s); torch.manual_seed(s)


texts, y = [], []
for l in open(f"{ROOT}/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf-8"):
    t, lab = l.strip().rsplit("@", 1)
    if t not in texts[-3:]:
        texts.append(t); y.append(NAMES.index(lab))
seen = {}
for t, k in zip(texts, y):
    seen.setdefault(t, k)                  # no sentence twice
texts, y = list(seen), np.array(list(seen.values()))

glove = {}
for l in gzip.open(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8"):
    w, v = l.split(" ", 1)
    glove[w] = np.fromstring(v, sep=" ", dtype=np.float32)

def featurize(t):
    vs = [glove[w] for w in re.findall(r"[a-z]+|%|\.", t.lower()) if w in glove]
    vs = np.stack(vs) if vs else np.zeros((1, 50), np.float32)
    return vs.mean(0)

dense = np.stack([featurize(t) for t in texts]).astype(np.float32)
idx_tr, idx_ho = train_test_split(np.arange(len(y)), test_size=800, stratify=y, random_state=SEED)
print("train", len(idx_tr), "holdout", len(idx_ho), "class counts", np.bincount(y))


def fit_head(Xa, ya, Xb, yb, patience=2):
    """early stopping on the fold's own validation part"""
    net = nn.Sequential(nn.Linear(Xa.shape[1], 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 3))
    cw = torch.tensor(len(ya) / (3 * np.bincount(ya)), dtype=torch.float32).sqrt()
    lossf = nn.CrossEntropyLoss(weight=cw)
    opt = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=0.02)
    Xa, Xb, ya, yb = torch.from_numpy(Xa), torch.from_numpy(Xb), torch.from_numpy(ya), torch.from_numpy(yb)
    best, best_state, bad = 9e9, None, 0
    for epoch in range(10):
        net.train()
        for j in torch.randperm(len(ya)).split(64):
            opt.zero_grad()
            lossf(net(Xa[j]), ya[j]).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            v, tr = lossf(net(Xb), yb).item(), lossf(net(Xa), ya).item()
        if v < best:
            best, bad, best_state = v, 0, {k: t.clone() for k, t in net.state_dict().items()}
        else:
            bad += 1
            if bad == patience:
                break
    net.load_state_dict(best_state)
    print("   stopped after epoch %d, fold loss train %.3f val %.3f" % (epoch + 1, tr, best))
    return net


oof = np.zeros((len(idx_tr), 3)); ho_nn = np.zeros((len(idx_ho), 3)); ho_lr = np.zeros((len(idx_ho), 3))
for fold, (a, b) in enumerate(StratifiedKFold(N_FOLDS, shuffle=True, random_state=SEED).split(idx_tr, y[idx_tr])):
    seed_everything(SEED + fold)
    ia, ib = idx_tr[a], idx_tr[b]
    mu, sd = dense[ia].mean(0), dense[ia].std(0) + 1e-6
    z = lambda i: (dense[i] - mu) / sd
    net = fit_head(z(ia), y[ia], z(ib), y[ib])
    with torch.no_grad():
        oof[b] = net(torch.from_numpy(z(ib))).softmax(1)
        ho_nn += net(torch.from_numpy(z(idx_ho))).softmax(1).numpy() / N_FOLDS
    print("fold %d  acc %.4f  macro-F1 %.4f" % (fold, accuracy_score(y[ib], oof[b].argmax(1)), f1_score(y[ib], oof[b].argmax(1), average="macro")))
tv = TfidfVectorizer(min_df=3, sublinear_tf=True)
lr = LogisticRegression(C=2.0, max_iter=200).fit(tv.fit_transform([texts[i] for i in idx_tr]), y[idx_tr])
ho_lr = lr.predict_proba(tv.transform([texts[i] for i in idx_ho]))
for name, p in (("torch", ho_nn), ("tf-idf", ho_lr), ("blend 50/50", (ho_nn + ho_lr) / 2)):
    print("holdout %-12s acc %.4f macro-F1 %.4f" % (name, accuracy_score(y[idx_ho], p.argmax(1)), f1_score(y[idx_ho], p.argmax(1), average="macro")))
print("majority %.4f, out-of-fold torch %.4f" % (np.mean(y[idx_ho] == 1), accuracy_score(y[idx_tr], oof.argmax(1))))
