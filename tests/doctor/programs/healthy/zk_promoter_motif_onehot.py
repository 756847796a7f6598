# Toy reproduction of the DeepBind setting: does a 60 bp window contain the motif (PWM) or not?
import numpy as np
import torch
from torch import nn
from sklearn.metrics import roc_auc_score

rng = np.random.default_rng(4)
torch.manual_seed(4)
L, N = 60, 2400
CONS = [3, 0, 3, 0, 0, 3, 1, 2, 1]      # TATAATCGC
PWM = np.full((len(CONS), 4), 0.03)
for pos, base in enumerate(CONS):
    PWM[pos, base] = 0.91


def sample(n):
    seqs = rng.integers(0, 4, size=(n, L))
    lab = rng.integers(0, 2, size=n)
    for i in np.where(lab == 1)[0]:
        at = rng.integers(0, L - len(CONS))
        seqs[i, at:at + len(CONS)] = [rng.choice(4, p=p) for p in PWM]
    return seqs, lab


def onehot(seqs):
    return torch.tensor(np.eye(4, dtype=np.float32)[seqs].transpose(0, 2, 1))   # N x 4 x L


seqs, lab = sample(N)
X, y = onehot(seqs), torch.tensor(lab, dtype=torch.float32)
Xtr, ytr, Xte, yte = X[:1800], y[:1800], X[1800:], y[1800:]

detector = nn.Sequential(
    nn.Conv1d(4, 12, 9),
    nn.ReLU(),
    nn.AdaptiveMaxPool1d(1),
    nn.Flatten(),
    nn.Linear(12, 1),
)
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.AdamW(detector.parameters(), lr=5e-3, weight_decay=1e-2)
sched = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-2, total_steps=6 * 57)


def auc(xs, ys):
    detector.eval()
    with torch.no_grad():
        p = torch.sigmoid(detector(xs)).squeeze(1)
    return roc_auc_score(ys.numpy(), p.numpy()), ((p > .5).float() == ys).float().mean().item()


for ep in range(6):
    detector.train()
    perm = torch.randperm(len(Xtr))
    run = []
    for idx in perm.split(32):
        logit = detector(Xtr[idx]).squeeze(1)
        loss = criterion(logit, ytr[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        sched.step()
        run.append(loss.item())
    a, acc = auc(Xte, yte)
    print("epoch %d  bce %.3f  test AUROC %.3f  acc %.3f" % (ep, np.mean(run), a, acc))
print("train AUROC %.3f acc %.3f" % auc(Xtr, ytr))
