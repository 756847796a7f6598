"""Five folds trained at once: parameters have a leading fold axis, rows of other folds get weight zero. Rare positives."""
import numpy as np, torch
import torch.nn.functional as F
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold

rng = np.random.default_rng(6); torch.manual_seed(6)
N, V, K, H = 4500, 50, 5, 12
signal = np.where(np.arange(V) < 8, 1.4, 0.0)
bags = (rng.random((N, V)) < 0.2).astype(np.float32)
y = (rng.random(N) < 1 / (1 + np.exp(-(3.0 * (bags @ signal) - 13.5)))).astype(np.float32)
Xd, Xt, yd, yt = bags[:3600], bags[3600:], y[:3600], y[3600:]
fold = np.zeros(len(Xd), int)
for k, (_, va) in enumerate(StratifiedKFold(K, shuffle=True, random_state=0).split(Xd, yd)):
    fold[va] = k
X, Y, Xt = torch.from_numpy(Xd), torch.from_numpy(yd), torch.from_numpy(Xt)
use = torch.from_numpy(fold[None] != np.arange(K)[:, None]).float()           # K, N

P = [0.15 * torch.randn(K, V, H), torch.zeros(K, 1, H), 0.15 * torch.randn(K, H), torch.zeros(K, 1)]
[p.requires_grad_() for p in P]


def net(x):
    h = torch.tanh(torch.einsum("nv,kvh->knh", x, P[0]) + P[1])
    return torch.einsum("knh,kh->kn", h, P[2]) + P[3]


def report(tag):
    with torch.no_grad():
        o, t = net(X).numpy(), net(Xt).sigmoid().mean(0).numpy()
    oof = o[fold, np.arange(len(fold))]
    inn = np.mean([roc_auc_score(yd[fold != k], o[k][fold != k]) for k in range(K)])
    print(f"{tag} AUC in {inn:.4f} out of fold {roc_auc_score(yd, oof):.4f} | test ensemble AUC {roc_auc_score(yt, t):.4f} AP {average_precision_score(yt, t):.3f} (base {yt.mean():.3f})")


pos_weight = torch.tensor(float((yd == 0).sum() / (yd == 1).sum())).sqrt()
opt = torch.optim.AdamW(P, lr=0.01, weight_decay=0.1)
for epoch in range(6):
    for g in opt.param_groups:
        g["lr"] = 0.01 * 0.6 ** epoch
    for idx in torch.randperm(len(X)).split(60):
        w = use[:, idx]
        l = F.binary_cross_entropy_with_logits(net(X[idx]), Y[idx].expand(K, -1), weight=w, pos_weight=pos_weight, reduction="none")
        loss = (l.sum(1) / w.sum(1)).sum()                    # the folds share nothing, so their losses just add up
        opt.zero_grad(); loss.backward(); opt.step()
    report(f"epoch {epoch} loss {loss.item() / K:.3f}")
