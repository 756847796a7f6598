# Fraud screening: free-text memo of a transfer + amount/hour.  About 8 % of the rows are fraud.
import torch, torch.nn as nn, torch.nn.functional as F
import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score, f1_score

CONF = dict(seed=7, rows=5000, fraud_rate=0.08, buckets=1024, emb=16, lr=5e-3, epochs=5, bs=64)
g = np.random.default_rng(CONF["seed"])
torch.manual_seed(CONF["seed"])

GOOD = ("rent groceries invoice salary dinner gym gift birthday insurance electricity phone school car repair "
        "holiday books tickets dentist lunch share").split()
BAD = "urgent giftcard crypto wallet unlock inheritance fee release customs winner verify refundable".split()
COMMON = "for the of payment transfer to my from and no ref january march june".split()


def make_row():
    y = g.random() < CONF["fraud_rate"]
    words = list(g.choice(COMMON, g.integers(2, 6))) + list(g.choice(GOOD, g.integers(1, 4)))
    if y:
        words += list(g.choice(BAD, g.integers(1, 4), replace=False))
    elif g.random() < 0.06:
        words.append(g.choice(BAD))
    g.shuffle(words)
    amount = np.exp(g.normal(5.6 if y else 4.4, 0.8))
    hour = (g.normal(2, 3) if y and g.random() < .6 else g.uniform(7, 23)) % 24
    return words, amount, hour, float(y)


def crc(word):                                     # hashing trick, stable between runs
    h = 2166136261
    for ch in word.encode():
        h = ((h ^ ch) * 16777619) & 0xFFFFFFFF
    return h % CONF["buckets"]


data = [make_row() for _ in range(CONF["rows"])]
ids = [torch.tensor([crc(w) for w in d[0]]) for d in data]
num = torch.tensor([[np.log(d[1]), np.sin(d[2] / 24 * 2 * np.pi), np.cos(d[2] / 24 * 2 * np.pi)] for d in data]).float()
y = torch.tensor([d[3] for d in data])
n_tr = 4000
mu, sd = num[:n_tr].mean(0), num[:n_tr].std(0)
num = (num - mu) / sd


class MemoScorer(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(CONF["buckets"], CONF["emb"], mode="mean")
        self.net = nn.Sequential(nn.Linear(CONF["emb"] + 3, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, flat, offsets, feats):
        return self.net(torch.cat([self.bag(flat, offsets), feats], 1)).squeeze(1)


def batch(idx):
    seqs = [ids[i] for i in idx]
    lens = torch.tensor([len(s) for s in seqs])
    offsets = torch.cat([torch.zeros(1, dtype=torch.long), lens.cumsum(0)[:-1]])
    return torch.cat(seqs), offsets, num[idx], y[idx]


model = MemoScorer()
pos = y[:n_tr].mean()
pos_weight = ((1 - pos) / pos).sqrt()              # milder than the full ratio, precision matters to the analysts
opt = torch.optim.Adam(model.parameters(), lr=CONF["lr"])
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, CONF["epochs"])


def report(name, lo, hi):
    model.eval()
    with torch.no_grad():
        *x, t = batch(torch.arange(lo, hi))
        p = torch.sigmoid(model(*x)).numpy()
    t = t.numpy()
    print(f"{name}: AP {average_precision_score(t, p):.3f}  AUC {roc_auc_score(t, p):.3f}  F1@.5 {f1_score(t, p > .5):.3f}"
          f"  base rate {t.mean():.3f}")


for ep in range(CONF["epochs"]):
    model.train()
    tot = 0.
    for idx in torch.randperm(n_tr).split(CONF["bs"]):
        flat, off, feats, target = batch(idx)
        loss = F.binary_cross_entropy_with_logits(model(flat, off, feats), target, pos_weight=pos_weight)
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(idx)
    sched.step()
    print(f"epoch {ep}: loss {tot / n_tr:.4f}")
report("train", 0, n_tr)
report("held out", n_tr, len(data))
