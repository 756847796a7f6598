# IMDB, "bag of words is all you need" notebook. Hashing trick, unigrams only, no vocabulary at all.
# %%
import gzip
import os
import re
import zlib

import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import accuracy_score, roc_auc_score

SEED = 99
torch.manual_seed(SEED)
rs = np.random.RandomState(SEED)
BUCKETS = 2 ** 12
DATA = os.environ["WORDFIT_DATA"]


# %%
def read(split, per_class, skip=()):
    lines = gzip.open(f"{DATA}/sentiment/imdb/{split}.tsv.gz", "rt", encoding="utf-8").read().split("\n")
    rows = [l.split("\t", 3) for l in lines if l.count("\t") >= 3]
    out = []
    for lab in ("0", "1", "neg", "pos"):
        mine = [r for r in rows if r[0] == lab and r[3] not in skip]
        rs.shuffle(mine)
        out += [(r[3], int(lab in ("1", "pos"))) for r in mine[:per_class]]
    return out


train = read("train", 2500)
test = read("test", 500, skip={t for t, _ in train})
print(len(train), len(test))


# %%
def hash_ids(text):
    w = re.findall(r"[a-z']+", text.lower().replace("<br />", " "))[:180]
    return torch.tensor([zlib.crc32(g.encode()) % BUCKETS for g in sorted(set(w))])


X = [hash_ids(t) for t, _ in train]
XT = [hash_ids(t) for t, _ in test]
Y, YT = torch.tensor([y for _, y in train]).float(), torch.tensor([y for _, y in test]).float()


def collate(bags):
    return torch.cat(bags), torch.tensor([0] + [len(b) for b in bags[:-1]]).cumsum(0)


# %%  a linear model: one number per bucket
class LinearBag(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.EmbeddingBag(BUCKETS, 1, mode="sum", sparse=True)
        self.b = nn.Parameter(torch.zeros(1))
        nn.init.zeros_(self.w.weight)

    def forward(self, flat, off):
        n = torch.diff(off, append=torch.tensor([len(flat)])).float()
        return self.w(flat, off).squeeze(-1) / n.sqrt() + self.b


net = LinearBag()
opt = torch.optim.SparseAdam([net.w.weight], lr=0.04)
opt_b = torch.optim.SGD([net.b], lr=0.05)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.4)
crit = nn.BCEWithLogitsLoss()

# %%
for epoch in range(3):
    net.train()
    order, tot = rs.permutation(len(X)), 0.0
    for i in range(0, len(order), 50):
        j = order[i:i + 50]
        # smoothed targets, reviews are noisy
        y = Y[j] * 0.8 + 0.1
        loss = crit(net(*collate([X[k] for k in j])), y)
        opt.zero_grad()
        opt_b.zero_grad()
        loss.backward()
        opt.step()
        opt_b.step()
        tot += loss.item() * len(j) / len(X)
    sched.step()
    net.eval()
    with torch.no_grad():
        z = net(*collate(XT))
        zt = net(*collate(X))
    print(f"epoch {epoch}: train {tot:.4f} train acc {accuracy_score(Y, zt > 0):.3f} | "
          f"test {crit(z, YT):.4f} acc {accuracy_score(YT, z > 0):.3f} auc {roc_auc_score(YT, z):.3f}")
