"""
Offensive tweet detector (TweetEval). Two thirds of the tweets are fine, so the positive class is weighted up and the
decision cutoff is tuned for macro F1 on the validation part; the test part is looked at once, at the end.
"""
import os

import numpy as np
import torch
import torch.nn as nn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.pipeline import make_pipeline

SEED = 2021
torch.manual_seed(SEED)
np.random.seed(SEED)
base = os.environ["WORDFIT_DATA"] + "/sentiment/tweeteval/offensive/"

parts = {"train": 5000, "val": 1324, "test": 860}
texts, y = {}, {}
for part, limit in parts.items():
    with open(base + part + "_text.txt", encoding="utf-8") as fh:
        texts[part] = [t.replace("@user", "") for t in list(fh)[:limit]]
    with open(base + part + "_labels.txt") as fh:
        y[part] = np.array([int(v) for v in fh])[:limit]

pipe = make_pipeline(TfidfVectorizer(min_df=12, sublinear_tf=True, norm="l2"), SelectKBest(chi2, k=200))
pipe.fit(texts["train"], y["train"])
X = {p: torch.from_numpy(pipe.transform(t).toarray().astype(np.float32)) for p, t in texts.items()}

pos = y["train"].mean()
print("share of offensive tweets: %.3f" % pos)
net = nn.Sequential(nn.Dropout(0.2), nn.Linear(200, 24), nn.ReLU(), nn.Dropout(0.3), nn.Linear(24, 1))
criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor((1 - pos) / pos, dtype=torch.float32))
opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
EPOCHS, BS = 5, 64
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * (len(X["train"]) // BS))
target = torch.from_numpy(y["train"]).float()


def probabilities():
    net.eval()
    with torch.inference_mode():
        # everything in one go, then cut apart again
        p = torch.sigmoid(net(torch.cat([X["train"], X["val"], X["test"]]))).squeeze(1).numpy()
    n, m = len(y["train"]), len(y["val"])
    return {"train": p[:n], "val": p[n:n + m], "test": p[n + m:]}


for epoch in range(EPOCHS):
    net.train()
    perm = torch.randperm(len(target))
    running = 0.0
    steps = len(target) // BS
    for k in range(steps):
        idx = perm[k * BS:(k + 1) * BS]
        opt.zero_grad()
        loss = criterion(net(X["train"][idx]).squeeze(-1), target[idx])
        loss.backward()
        opt.step()
        sched.step()
        running += loss.item()
    p = probabilities()
    print(f"epoch {epoch}: loss {running / steps:.4f} auc train {roc_auc_score(y['train'], p['train']):.3f} "
          f"val {roc_auc_score(y['val'], p['val']):.3f}")

cuts = np.linspace(0.2, 0.8, 61)
scores = [f1_score(y["val"], p["val"] > c, average="macro") for c in cuts]
best = cuts[int(np.argmax(scores))]
print(f"cutoff {best:.2f}, val macro F1 {max(scores):.3f}")
print(f"test macro F1 {f1_score(y['test'], p['test'] > best, average='macro'):.3f}, "
      f"all-negative would give {f1_score(y['test'], np.zeros_like(y['test']), average='macro'):.3f}")
