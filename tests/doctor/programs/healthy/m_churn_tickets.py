"""Churn score from the last support tickets of a customer.

Text goes through the hashing trick (2**13 buckets, sum of EmbeddingBag weights), numbers through a scaler.
About one customer in seven leaves, so the positive term is weighted; Platt scaling on its own split
puts the scores back on the probability scale, and the threshold is picked for the retention budget.
"""
import random
import zlib
import numpy as np
import torch
from torch import nn
from sklearn.metrics import roc_auc_score, brier_score_loss
from sklearn.preprocessing import StandardScaler
from sklearn.linear_model import LogisticRegression

SEED, BUCKETS = 7, 2 ** 13
rng = np.random.default_rng(SEED)
pick = random.Random(SEED).choice
torch.manual_seed(SEED)

ANGRY = "refund cancel again unacceptable waiting broken outage lawyer competitor overcharged useless escalate".split()
CALM = "thanks solved upgrade great question invoice copy seats onboarding works feature perfect".split()
FILL = ("hello team please the our account with a on my since for we is are need it about to "
        "monday friday login dashboard user report export page browser email").split()


def simulate(n):
    rows = []
    for _ in range(n):
        mood = rng.normal()
        months = int(rng.integers(1, 60))
        seats = int(rng.poisson(6) + 1)
        words = []
        for _ in range(int(rng.integers(10, 36))):
            u = rng.random()
            p_angry = 0.22 / (1 + np.exp(-2.2 * mood))
            if u < p_angry:
                words.append(pick(ANGRY))
            elif u < 0.22:
                words.append(pick(CALM))
            else:
                words.append(pick(FILL))
        logit = -3.1 + 2.3 * mood - 0.03 * (months - 30) - 0.1 * (seats - 7)
        rows.append((" ".join(words), months, seats, int(rng.random() < 1 / (1 + np.exp(-logit)))))
    return rows


def bucket(token):
    return zlib.crc32(token.encode()) % BUCKETS


def featurise(text):
    t = text.split()
    ids = [bucket(w) for w in t]
    # each document is L2-normalised as a sparse vector
    return ids, [1.0 / np.sqrt(len(ids))] * len(ids)


def collate(rows, scaler):
    flat, w, off = [], [], []
    for text, *_ in rows:
        if text not in cache:
            cache[text] = featurise(text)
        ids, ws = cache[text]
        off.append(len(flat))
        flat += ids
        w += ws
    num = scaler.transform(np.array([[m, s] for _, m, s, _ in rows], dtype=float))
    y = torch.tensor([r[3] for r in rows], dtype=torch.float32)
    return torch.tensor(flat), torch.tensor(off), torch.tensor(w, dtype=torch.float32), torch.tensor(num, dtype=torch.float32), y


cache = {}


class WideScore(nn.Module):
    def __init__(self):
        super().__init__()
        self.wide = nn.EmbeddingBag(BUCKETS, 1, mode="sum")
        nn.init.zeros_(self.wide.weight)      # a linear model, starts at nought
        self.num = nn.Linear(2, 1)

    def forward(self, flat, off, w, num):
        return (self.wide(flat, off, per_sample_weights=w) + self.num(num)).squeeze(1)


data = simulate(4600)
train, calib, test = data[:3000], data[3000:3800], data[3800:]
scaler = StandardScaler().fit([[m, s] for _, m, s, _ in train])
y_tr = np.array([r[3] for r in train])
print(f"churn rate train {y_tr.mean():.3f}")

net = WideScore()
opt = torch.optim.Adam([
    {"params": net.wide.parameters(), "lr": 0.06},
    {"params": net.num.parameters(), "lr": 0.02},
])
crit = nn.BCEWithLogitsLoss(pos_weight=torch.tensor((1 - y_tr.mean()) / y_tr.mean(), dtype=torch.float32))


@torch.no_grad()
def logits(rows):
    *x, y = collate(rows, scaler)
    return net(*x).numpy(), y.numpy()


for epoch in range(4):
    order = rng.permutation(len(train))
    total = 0.0
    for i in range(0, len(order), 100):
        *x, y = collate([train[j] for j in order[i:i + 100]], scaler)
        loss = crit(net(*x), y) + 1e-3 * net.wide.weight.square().sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    s_tr, t_tr = logits(train)
    s_ca, t_ca = logits(calib)
    print(f"epoch {epoch} loss {total / len(train):.4f} auc train {roc_auc_score(t_tr, s_tr):.3f} "
          f"calib {roc_auc_score(t_ca, s_ca):.3f}")

platt = LogisticRegression(C=100.0).fit(s_ca[:, None], t_ca)
s_te, t_te = logits(test)
p = platt.predict_proba(s_te[:, None])[:, 1]
base = np.full_like(p, t_tr.mean())
print(f"test auc {roc_auc_score(t_te, s_te):.3f}  brier {brier_score_loss(t_te, p):.4f} (constant {brier_score_loss(t_te, base):.4f})")
thr = np.quantile(platt.predict_proba(s_ca[:, None])[:, 1], 0.85)
called = p >= thr
print(f"threshold {thr:.3f}: precision {t_te[called].mean():.2f} recall {t_te[called].sum() / t_te.sum():.2f}")
