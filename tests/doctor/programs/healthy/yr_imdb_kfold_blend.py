# %% [markdown]
# # IMDB baseline: GloVe averages, 3 folds, 2 models, blend the OOF predictions
import gzip, os, re
from collections import Counter
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, train_test_split

ROOT = os.environ["WORDFIT_DATA"]
SEED, N_FOLDS = 2021, 3


def seed_everything(s):
    np.random.seed(s)
    torch.manual_seed(s)


# %% vectors
w2i, rows = {}, []
with gzip.open(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for line in fh:
        w, rest = line.rstrip().split(" ", 1)
        w2i[w] = len(rows)
        rows.append(np.fromstring(rest, sep=" ", dtype=np.float32))
E = np.stack(rows)


# %% data: every 6th review, bag of words -> idf weighted average of the vectors
kept = []
with gzip.open(f"{ROOT}/sentiment/imdb/train.tsv.gz", "rt", encoding="utf-8") as fh:
    for n, line in enumerate(fh):
        if n % 6 == 1:
            lab, _, _, txt = line.rstrip("\n").split("\t", 3)
            kept.append((lab, {w2i[t] for t in re.findall(r"[a-z]+", txt.lower().replace("<br />", " ")) if t in w2i}))
counts = Counter(i for _, ids in kept for i in ids)
idf = np.array([np.log(len(kept) / (1 + counts[i])) for i in range(len(E))], dtype=np.float32)
E = E / np.linalg.norm(E, axis=1, keepdims=True)
labels = sorted({lab for lab, _ in kept})
y_all = np.array([labels.index(lab) for lab, _ in kept])
x_all = np.stack([(E[list(ids)] * idf[list(ids), None]).mean(0) for _, ids in kept])
train_x, test_x, train_y, test_y = train_test_split(x_all, y_all, test_size=0.2, random_state=SEED, stratify=y_all)
mu, sd = train_x.mean(0), train_x.std(0)
train_x, test_x = (train_x - mu) / sd, (test_x - mu) / sd
print(labels, "train", train_x.shape, "test", test_x.shape, "pos rate %.3f" % train_y.mean())


# %% models
def make_lr():
    return nn.Linear(50, 1)


def make_mlp():
    return nn.Sequential(nn.Dropout(0.3), nn.Linear(50, 24), nn.ReLU(), nn.Dropout(0.5), nn.Linear(24, 1))


def fit_predict(make, tr, va, epochs, lr, wd):
    model = make()
    opt = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=wd)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, lr, total_steps=epochs * (len(tr) // 128 + 1))
    X = torch.from_numpy(train_x[tr]); y = torch.from_numpy(train_y[tr]).float()
    crit = nn.BCEWithLogitsLoss()
    for _ in range(epochs):
        model.train()
        total = 0.0
        for idx in torch.randperm(len(tr)).split(128):
            opt.zero_grad()
            loss = crit(model(X[idx]).squeeze(-1), y[idx])
            loss.backward()
            opt.step()
            sched.step()
            total += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        p_va = torch.sigmoid(model(torch.from_numpy(train_x[va]))).squeeze(-1).numpy()
        p_te = torch.sigmoid(model(torch.from_numpy(test_x))).squeeze(-1).numpy()
        p_tr = torch.sigmoid(model(X)).squeeze(-1).numpy()
    print("  last loss %.4f | fold train acc %.4f | fold val acc %.4f" %
          (total / len(tr), accuracy_score(train_y[tr], p_tr > .5), accuracy_score(train_y[va], p_va > .5)))
    return p_va, p_te


# %% cross validation
oof = {"lr": np.zeros(len(train_y)), "mlp": np.zeros(len(train_y))}
sub = {"lr": np.zeros(len(test_y)), "mlp": np.zeros(len(test_y))}
skf = StratifiedKFold(N_FOLDS, shuffle=True, random_state=SEED)
for fold, (tr, va) in enumerate(skf.split(train_x, train_y)):
    seed_everything(SEED + fold)
    print("fold", fold)
    for name, make, ep, lr, wd in [("lr", make_lr, 8, 2e-2, 1e-2), ("mlp", make_mlp, 8, 8e-3, 5e-2)]:
        a, b = fit_predict(make, tr, va, ep, lr, wd)
        oof[name][va] = a
        sub[name] += b / N_FOLDS

# %% blend
best = max((roc_auc_score(train_y, w * oof["lr"] + (1 - w) * oof["mlp"]), w) for w in np.linspace(0, 1, 21))
print("OOF auc lr %.4f mlp %.4f blend %.4f (w=%.2f)" %
      (roc_auc_score(train_y, oof["lr"]), roc_auc_score(train_y, oof["mlp"]), *best))
final = best[1] * sub["lr"] + (1 - best[1]) * sub["mlp"]
print("test acc %.4f auc %.4f" % (accuracy_score(test_y, final > .5), roc_auc_score(test_y, final)))
