# Ordinal regression (proportional odds) of IMDB stars on word presence.
# The eight rating levels present in the data are 1 2 3 4 7 8 9 10.
import gzip
import os
import re
from collections import Counter

import numpy as np
import torch
from scipy.stats import spearmanr

DATA = os.environ["WORDFIT_DATA"]
LEVELS = [1, 2, 3, 4, 7, 8, 9, 10]
rng = np.random.RandomState(1)
torch.manual_seed(1)

reviews = gzip.open(f"{DATA}/sentiment/imdb/train.tsv.gz", "rt", encoding="utf-8").read().rstrip("\n").split("\n")
reviews = [r.split("\t", 3) for r in reviews if r.split("\t", 2)[1].isdigit()]
picked = rng.permutation(len(reviews))[:7000]
n_train = 6000

docs = [set(re.findall(r"[a-z']+", reviews[i][3].replace("<br />", " ").lower())) for i in picked]
df = Counter(w for d in docs[:n_train] for w in d)
words = [w for w, _ in df.most_common(440)][40:]      # the first 40 are function words
col = {w: j for j, w in enumerate(words)}
X = np.zeros((len(docs), len(words)), dtype=np.float32)
for r, d in enumerate(docs):
    X[r, [col[w] for w in d if w in col]] = 1.0
y = np.array([LEVELS.index(int(reviews[i][1])) for i in picked])
mu, sd = X[:n_train].mean(0), 1.0
X = torch.tensor((X - mu) / sd)
y = torch.tensor(y)


class ProportionalOdds(torch.nn.Module):
    def __init__(self, d, k):
        super().__init__()
        self.w = torch.nn.Parameter(torch.zeros(d))
        self.first = torch.nn.Parameter(torch.tensor(-2.0))
        self.gaps = torch.nn.Parameter(torch.zeros(k - 2))

    def cutpoints(self):
        return torch.cat([self.first[None], self.first + torch.nn.functional.softplus(self.gaps).cumsum(0)])

    def forward(self, x):
        score = x @ self.w
        below = torch.sigmoid(self.cutpoints()[None, :] - score[:, None])   # P(y <= k)
        one, zero = torch.ones(len(x), 1), torch.zeros(len(x), 1)
        return score, torch.cat([below, one], 1) - torch.cat([zero, below], 1)


model = ProportionalOdds(X.shape[1], len(LEVELS))
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=8e-3)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.6)
stars = torch.tensor(LEVELS, dtype=torch.float)


def report(tag, a, b):
    with torch.no_grad():
        s, p = model(X[a:b])
    gold = y[a:b]
    nll = -torch.log(p[torch.arange(len(gold)), gold].clamp_min(1e-9)).mean()
    mae = (p @ stars - stars[gold]).abs().mean()
    rho = spearmanr(s.numpy(), gold.numpy()).correlation
    pos = ((p[:, 4:].sum(1) > 0.5) == (gold >= 4)).float().mean()
    print(f"  {tag}: nll {nll:.3f}  MAE {mae:.2f} stars  spearman {rho:.3f}  positive/negative right {pos:.3f}")


base = (stars[y[n_train:]] - stars[y[:n_train]].median()).abs().mean()
print(f"MAE of the median rating: {base:.2f}")
for epoch in range(5):
    for idx in torch.randperm(n_train).split(100):
        _, probs = model(X[idx])
        loss = -torch.log(probs[torch.arange(len(idx)), y[idx]].clamp_min(1e-9)).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    print("epoch", epoch + 1)
    report("train", 0, n_train)
    report("test ", n_train, len(y))
