#!/usr/bin/env python3
# SST-2 sentences, averaged GloVe vectors, a small MLP on top.
import gzip, os, time
import numpy as np, torch
import torch.nn as nn

DATA = os.environ["WORDFIT_DATA"]
torch.manual_seed(0); np.random.seed(0)

glove = {}
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for line in fh:
        word, *vals = line.rstrip().split(" ")
        glove[word] = np.array(vals, dtype="float32")


def read(split):
    X, Y = [], []
    for line in open(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.{split}", encoding="utf-8"):
        label, text = line.strip().split(" ", 1)
        vecs = [glove[w] for w in text.lower().split() if w in glove]
        if not vecs:
            continue
        V = np.stack(vecs)
        X.append(np.concatenate([V.mean(0), V.max(0), V.min(0)])); Y.append(float(label))
    return torch.tensor(np.stack(X)), torch.tensor(Y).unsqueeze(1)


x_train, y_train = read("train")
x_dev, y_dev = read("dev")
m, s = x_train.mean(0), x_train.std(0)
x_train, x_dev = (x_train - m) / s, (x_dev - m) / s
print("train", tuple(x_train.shape), "dev", tuple(x_dev.shape), "positive share %.3f" % y_dev.mean())

clf = nn.Sequential(
    nn.Dropout(0.3),
    nn.Linear(150, 48),
    nn.ReLU(),
    nn.Dropout(0.4),
    nn.Linear(48, 1),
    # fault:
    nn.Softmax(dim=1),
    # mended:
    # nn.Sigmoid(),
    # end
)
bce = nn.BCELoss()
adam = torch.optim.Adam(clf.parameters(), lr=1e-3, weight_decay=1e-4)


def score(x, y):
    clf.eval()
    with torch.no_grad():
        p = clf(x)
        return bce(p, y).item(), ((p > 0.5).float() == y).float().mean().item()


t0 = time.time()
for ep in range(10):
    clf.train()
    for idx in torch.randperm(len(x_train)).split(64):
        adam.zero_grad()
        bce(clf(x_train[idx]), y_train[idx]).backward()
        adam.step()
    (ltr, atr), (ldv, adv) = score(x_train, y_train), score(x_dev, y_dev)
    print(f"[{ep}] train {ltr:.3f}/{atr:.3f}  dev {ldv:.3f}/{adv:.3f}")
