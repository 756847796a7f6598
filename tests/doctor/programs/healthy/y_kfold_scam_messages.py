#!/usr/bin/env python
# coding: utf-8
# In[1]: Scam or not? 8 % of the messages are scam. 4-fold cross validation, then the four nets vote on the test messages.
import numpy as np
import torch
import torch.nn as nn
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.metrics import average_precision_score, balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold, train_test_split

rs = np.random.RandomState(42)
torch.manual_seed(42)

SCAM = "winner prize urgent account verify claim free cash loan click bonus transfer crypto gift offer".split()
HAM = "dinner mum later train home kids meeting sorry thanks tomorrow lunch happy film school weekend".split()
BOTH = "you your now please we are the to call for have it today number me is just send money pay on".split()


# In[2]:
def message(scam):
    n = rs.randint(7, 16)
    p = (.38, .06, .56) if scam else (.04, .30, .66)
    kinds = rs.choice(3, size=n, p=p)
    return " ".join(rs.choice((SCAM, HAM, BOTH)[k]) for k in kinds)


y = (rs.rand(4000) < 0.08).astype(int)
texts = np.array([message(k) for k in y])
_, once = np.unique(texts, return_index=True)
texts, y = texts[once], y[once]
X = HashingVectorizer(n_features=256, alternate_sign=False, norm="l2").transform(texts).toarray().astype("float32")
X, X_test, y, y_test = train_test_split(X, y, test_size=0.25, stratify=y, random_state=0)
print(X.shape, X_test.shape, "scam share %.3f" % y.mean())


# In[3]:
def build():
    return nn.Sequential(nn.Linear(256, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1), nn.Flatten(0))


def fit_fold(X_tr, y_tr, X_va, y_va, max_epochs=15, patience=2):
    net = build()
    # the scam messages weigh as much as the others
    crit = nn.BCEWithLogitsLoss(pos_weight=torch.tensor((y_tr == 0).sum() / (y_tr == 1).sum(), dtype=torch.float32))
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    X_tr, y_tr = torch.from_numpy(X_tr), torch.from_numpy(y_tr).float()
    best, best_state, bad = -1.0, None, 0
    for epoch in range(max_epochs):
        net.train()
        for b in torch.randperm(len(X_tr)).split(64):
            opt.zero_grad()
            crit(net(X_tr[b]), y_tr[b]).backward()
            opt.step()
        score = average_precision_score(y_va, predict(net, X_va))
        if score > best + 1e-3:
            best, bad = score, 0
            best_state = {k: v.clone() for k, v in net.state_dict().items()}
        else:
            bad += 1
            if bad >= patience:
                break
    net.load_state_dict(best_state)
    return net, best, epoch + 1


@torch.no_grad()
def predict(net, X):
    net.eval()
    return torch.sigmoid(net(torch.from_numpy(X))).numpy()


# In[4]:
nets, oof = [], np.zeros(len(y))
for fold, (tr, va) in enumerate(StratifiedKFold(4, shuffle=True, random_state=7).split(X, y)):
    net, best, epochs = fit_fold(X[tr], y[tr], X[va], y[va])
    oof[va] = predict(net, X[va])
    nets.append(net)
    print("fold %d: average precision %.3f after %d epochs" % (fold, best, epochs))
print("out of fold: AP %.3f  balanced accuracy %.3f" % (average_precision_score(y, oof),
                                                         balanced_accuracy_score(y, oof > 0.5)))

# In[5]:
vote = np.mean([predict(n, X_test) for n in nets], axis=0)
print("test, four nets: AP %.3f  balanced accuracy %.3f" % (
    average_precision_score(y_test, vote), balanced_accuracy_score(y_test, vote > 0.5)))
