import numpy as np
import torch
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

# 6 % spam. The positive class is weighted, the threshold is picked on a validation part, the score is AP / F1 on test.
SEED = 404
rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)
V = 500
p_ham = rng.dirichlet(np.full(V, 0.3))
tilt = np.exp(rng.normal(0, 0.75, V))
p_spam = p_ham * tilt
p_spam /= p_spam.sum()


def mails(n):
    y = (rng.random(n) < 0.06).astype(np.float32)
    X = np.stack([rng.multinomial(rng.integers(15, 50), p_spam if s else p_ham) for s in y]).astype(np.float32)
    X = np.log1p(X)
    return torch.from_numpy(X), torch.from_numpy(y)


Xtr, ytr = mails(5000)
Xva, yva = mails(1500)
Xte, yte = mails(2500)
print("spam share: train %.3f valid %.3f test %.3f" % (ytr.mean(), yva.mean(), yte.mean()))

linear = torch.nn.Linear(V, 1)
torch.nn.init.zeros_(linear.weight)
torch.nn.init.zeros_(linear.bias)
pos_weight = (1 - ytr).sum() / ytr.sum()
crit = torch.nn.BCEWithLogitsLoss(pos_weight=pos_weight)
opt = torch.optim.SGD(linear.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-3)


def logits(X):
    with torch.no_grad():
        return linear(X).squeeze(1).numpy()


for epoch in range(1, 7):
    order = torch.randperm(len(Xtr))
    acc = 0.0
    for k in range(0, len(order), 100):
        i = order[k:k + 100]
        loss = crit(linear(Xtr[i]).squeeze(1), ytr[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        acc += loss.item()
    for gr in opt.param_groups:
        gr["lr"] *= 0.7
    print("epoch %d weighted loss %.4f AP train %.3f valid %.3f" % (
        epoch, acc / 50, average_precision_score(ytr, logits(Xtr)), average_precision_score(yva, logits(Xva))))

prec, rec, thr = precision_recall_curve(yva, logits(Xva))
f1 = 2 * prec * rec / (prec + rec + 1e-9)
cut = thr[f1[:-1].argmax()]
z = logits(Xte)
hit = ((z >= cut) & (yte.numpy() == 1)).sum()
print("test AP %.3f  AUC %.3f  F1 at chosen threshold %.3f" % (
    average_precision_score(yte, z), roc_auc_score(yte, z), 2 * hit / ((z >= cut).sum() + yte.numpy().sum())))
