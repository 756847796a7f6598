# Financial PhraseBank, 4-fold: every fold gets its own vectoriser and its own net; scored on out-of-fold predictions,
# with a bootstrap interval over the rows.
import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold

LABELS = ["negative", "neutral", "positive"]
fn = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "financial-phrasebank", "Sentences_50Agree.txt")
with open(fn, encoding="utf-8") as f:
    lines = sorted({l.strip() for l in f if "@" in l})
best = {}
for l in lines:
    t, lab = l.rsplit("@", 1)
    best.setdefault(" ".join(t.lower().split()), LABELS.index(lab))
texts, y = np.array(list(best)), np.array(list(best.values()))


def train_one(X, y, seed):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Dropout(.3), nn.Linear(X.shape[1], 16, bias=False), nn.Tanh(), nn.Dropout(.3), nn.Linear(16, 3))
    w = len(y) / (3 * torch.bincount(y).float())                 # 12 % / 59 % / 28 %
    loss_fn = nn.CrossEntropyLoss(weight=w.sqrt())
    opt = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=.3)
    sch = torch.optim.lr_scheduler.MultiplicativeLR(opt, lambda e: .6)
    hist = []
    for _ in range(4):
        s = 0.
        net.train()
        for b in torch.randperm(len(y)).split(64):
            opt.zero_grad()
            l = loss_fn(net(X[b]), y[b])
            l.backward(); opt.step()
            s += l.item() * len(b)
        sch.step()
        hist.append(s / len(y))
    return net.eval(), hist


oof = np.zeros((len(y), 3), dtype=np.float32)
for k, (tr, te) in enumerate(StratifiedKFold(4, shuffle=True, random_state=1).split(texts, y)):
    vec = TfidfVectorizer(max_features=300, token_pattern=r"[a-z]{2,}", sublinear_tf=True, dtype=np.float32)
    A = torch.from_numpy(vec.fit_transform(texts[tr]).toarray()) * 3
    B = torch.from_numpy(vec.transform(texts[te]).toarray()) * 3
    net, hist = train_one(A, torch.from_numpy(y[tr]), seed=100 + k)
    with torch.no_grad():
        oof[te] = net(B).softmax(1).numpy()
        ptr = net(A).argmax(1).numpy()
    print("fold", k, "loss", " ".join("%.3f" % h for h in hist), "| macro F1 fit %.3f out of fold %.3f"
          % (f1_score(y[tr], ptr, average="macro"), f1_score(y[te], oof[te].argmax(1), average="macro")))
pred = oof.argmax(1)
rs = np.random.RandomState(0)
boot = [f1_score(y[i], pred[i], average="macro") for i in (rs.randint(0, len(y), len(y)) for _ in range(50))]
print("all rows: accuracy %.3f (majority %.3f), macro F1 %.3f [%.3f, %.3f]" % ((pred == y).mean(), np.bincount(y).max() / len(y), f1_score(y, pred, average="macro"), *np.percentile(boot, [2.5, 97.5])))
