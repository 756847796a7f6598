# Glue short Tatoeba sentences together, drop case and punctuation, and put the sentence ends (. ? !) back.
import os, gzip, re
import numpy as np
import torch as th
import torch.nn as nn
from sklearn.metrics import f1_score

th.manual_seed(0)
rng = np.random.RandomState(99)
seen = {}
with gzip.open(os.environ["WORDFIT_DATA"] + "/seq2seq/tatoeba-fra-eng/fra.txt.gz", "rt", encoding="utf8") as f:
    for i, l in enumerate(f):
        if i > 90000: break
        if i > 20000: seen.setdefault(l.split("\t")[0], None)
sents = [s for s in seen if re.fullmatch(r"[A-Za-z' ]+[.?!]", s) and len(s.split()) > 2]
rng.shuffle(sents)
MARK = {".": 1, "?": 2, "!": 3}
K = 4                                           # sentences per example
T = 28


def examples(ss):
    X, Y = [], []
    for i in range(0, len(ss) - K, K):
        w, y = [], []
        for s in ss[i:i + K]:
            toks = s[:-1].lower().split()
            w += toks; y += [0] * (len(toks) - 1) + [MARK[s[-1]]]
        X.append(w[:T]); Y.append(y[:T])
    return X, Y


cut = 1200
Xv, Yv = examples(sents[:cut]); Xt, Yt = examples(sents[cut:7000])
count = {}
for w in (w for x in Xt for w in x): count[w] = count.get(w, 0) + 1
vocab = {w: i + 2 for i, w in enumerate(w for w, c in count.items() if c > 1)}


def pad(X, Y):
    x = th.zeros(len(X), T, dtype=th.long); y = th.full((len(X), T), -100)
    for i, (a, b) in enumerate(zip(X, Y)):
        x[i, :len(a)] = th.tensor([vocab.get(w, 1) for w in a]); y[i, :len(b)] = th.tensor(b)
    return x, y


xt, yt = pad(Xt, Yt); xv, yv = pad(Xv, Yv)


class Restorer(nn.Module):
    def __init__(self, d=40):
        super().__init__()
        self.e = nn.Embedding(len(vocab) + 2, d, padding_idx=0)
        self.c1 = nn.Conv1d(d, 48, 5, padding=2); self.c2 = nn.Conv1d(48, 48, 5, padding=2)
        self.o = nn.Linear(48, 4)
        self.dr = nn.Dropout(.3)

    def forward(self, x):
        keep = (x != 0).unsqueeze(1)
        h = self.dr(self.e(x)).transpose(1, 2)
        h = th.relu(self.c1(h)) * keep          # padding stays zero for the second layer
        h = th.relu(self.c2(self.dr(h)))
        return self.o(h.transpose(1, 2))


net = Restorer()
freq = th.bincount(yt[yt >= 0], minlength=4).float()
weight = (freq.sum() / freq).pow(.3); weight = weight / weight[0]
crit = nn.CrossEntropyLoss(weight=weight, ignore_index=-100)
opt = th.optim.Adam(net.parameters(), lr=4e-3)
EP = 5
sch = th.optim.lr_scheduler.OneCycleLR(opt, 1e-2, epochs=EP, steps_per_epoch=-(-len(xt) // 32))


def f1(x, y):
    net.eval()
    with th.no_grad(): p = net(x).argmax(-1)
    m = y >= 0
    return f1_score(y[m] > 0, p[m] > 0), f1_score(y[m], p[m], labels=[1, 2], average="macro")


for ep in range(EP):
    net.train(); tot = []
    for ix in th.randperm(len(xt)).split(32):
        loss = crit(net(xt[ix]).flatten(0, 1), yt[ix].flatten())
        opt.zero_grad(); loss.backward(); opt.step(); sch.step(); tot.append(loss.item())
    print("epoch %d loss %.3f  F1 end/(. ?): train %.3f/%.3f  held out %.3f/%.3f" % (ep, np.mean(tot), *f1(xt[:400], yt[:400]), *f1(xv, yv)))
