"""Semantic textual similarity as a soft yes/no question: BCE between a sigmoid and the human score (STS-B captions)."""
import gzip
import os
import re

import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(4)
ROOT = os.environ["WORDFIT_DATA"]

vectors = {}
with gzip.open(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for row in f:
        w, *v = row.split()
        vectors[w] = np.asarray(v, dtype="float32")


def embed(text):
    toks = [t for t in re.findall(r"[a-z0-9]+", text.lower()) if t in vectors]
    return np.mean([vectors[t] for t in toks], axis=0) if toks else np.zeros(50, "float32"), set(toks)


def load(split):
    feats, scores = [], []
    with open(f"{ROOT}/glue/STS-B/{split}.tsv", encoding="utf-8") as f:
        next(f)
        for row in f:
            cols = row.rstrip("\n").split("\t")
            if cols[1] != "main-captions":
                continue
            (a, sa), (b, sb) = embed(cols[7]), embed(cols[8])
            cos = float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-6))
            jac = len(sa & sb) / max(1, len(sa | sb))
            feats.append(np.concatenate([np.abs(a - b), [cos, jac]]))
            scores.append(float(cols[9]))
    return torch.tensor(np.array(feats), dtype=torch.float32), torch.tensor(scores)


train_x, train_s = load("train")
dev_x, dev_s = load("dev")
m, s = train_x.mean(0), train_x.std(0)
train_x, dev_x = (train_x - m) / s, (dev_x - m) / s
# fault:
train_t, dev_t = train_s, dev_s
# mended:
# train_t, dev_t = train_s / 5.0, dev_s / 5.0
# end
print(f"{len(train_x)} training pairs, {len(dev_x)} dev pairs")

model = nn.Sequential(nn.Linear(52, 24), nn.Tanh(), nn.Dropout(0.2), nn.Linear(24, 1), nn.Flatten(0))
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3, weight_decay=1e-4)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.75)
criterion = nn.BCEWithLogitsLoss()

for epoch in range(10):
    model.train()
    losses = []
    for ix in torch.randperm(len(train_x)).split(50):
        loss = criterion(model(train_x[ix]), train_t[ix])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    model.eval()
    with torch.no_grad():
        logit = model(dev_x)
        p = torch.sigmoid(logit)
    r = np.corrcoef(p.numpy(), dev_s.numpy())[0, 1]
    mae = (p * 5 - dev_s).abs().mean()
    print(f"epoch {epoch + 1:2d}  loss {np.mean(losses):9.4f}  dev loss {criterion(logit, dev_t).item():9.4f}  pearson {r:.3f}  mean error {mae:.3f} points")
