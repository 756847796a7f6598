# Language identification of tweets, one hidden layer written out by hand on hashed character trigrams.
# After the exercise sheet: "write the network with raw tensors, no nn.Linear"
import os
import zlib
import numpy as np
import torch
import torch.nn.functional as F

torch.manual_seed(3)
np.random.seed(3)
root = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
BUCKETS, HIDDEN = 1500, 48


def read(lang, split, limit):
    with open(os.path.join(root, lang, f"{split}_text.txt"), encoding="utf-8") as fh:
        return [line.strip().lower() for line in fh][:limit]


def featurise(lines):
    X = np.zeros((len(lines), BUCKETS), dtype=np.float32)
    for row, line in enumerate(lines):
        line = " %s " % line.replace("http", "").replace("@user", "")
        for i in range(len(line) - 2):
            X[row, zlib.crc32(line[i:i + 3].encode()) % BUCKETS] += 1
    X = np.log1p(X)
    return torch.from_numpy(X / np.maximum(np.linalg.norm(X, axis=1, keepdims=True), 1e-6))


def load(split, limit):
    lines, y = [], []
    for k, lang in enumerate(LANGS):
        part = read(lang, split, limit)
        lines += part
        y += [k] * len(part)
    return featurise(lines), torch.tensor(y)


Xtr, ytr = load("train", 300)
Xte, yte = load("test", 80)

# ---- parameters -------------------------------------------------------------------------------------------------
# fault:
W1 = torch.full((BUCKETS, HIDDEN), 0.05)
b1 = torch.zeros(HIDDEN)
W2 = torch.full((HIDDEN, len(LANGS)), 0.05)
b2 = torch.zeros(len(LANGS))
# mended:
# W1 = torch.randn(BUCKETS, HIDDEN) * (2 / BUCKETS) ** 0.5
# b1 = torch.zeros(HIDDEN)
# W2 = torch.randn(HIDDEN, len(LANGS)) * (1 / HIDDEN) ** 0.5
# b2 = torch.zeros(len(LANGS))
# end
params = [W1, b1, W2, b2]
for p in params:
    p.requires_grad_()


def net(x):
    h = torch.relu(x @ W1 + b1)
    return h @ W2 + b2


def accuracy(X, y):
    with torch.no_grad():
        return (net(X).argmax(1) == y).float().mean().item()


opt = torch.optim.Adam(params, lr=0.005, weight_decay=1e-4)
for epoch in range(6):
    perm = torch.randperm(len(Xtr))
    running = []
    for idx in perm.split(30):
        loss = F.cross_entropy(net(Xtr[idx]), ytr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        running.append(loss.item())
    for g in opt.param_groups:
        g["lr"] *= 0.6
    print(f"[{epoch}] loss={np.mean(running):.3f} train={accuracy(Xtr, ytr):.3f} test={accuracy(Xte, yte):.3f}")

conf = torch.zeros(len(LANGS), len(LANGS), dtype=torch.long)
for t, p in zip(yte.tolist(), net(Xte).argmax(1).tolist()):
    conf[t, p] += 1
print(conf)
