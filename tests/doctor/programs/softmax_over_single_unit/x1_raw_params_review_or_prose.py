# Film review sentence or ordinary prose? Plain tensors instead of nn.Module.
# Averaged GloVe vectors -> one tanh layer -> probability of "review".
import gzip
import os
import random

import numpy as np
import torch
import torch.nn.functional as F

ROOT = os.environ["WORDFIT_DATA"]
SEED = 4
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)


def read_glove(path):
    out = {}
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for line in fh:
            word, *nums = line.rstrip("\n").split(" ")
            out[word] = np.array(nums, dtype=np.float32)
    return out


def read_sentences(limit=2500):
    reviews = []
    for name in ("pos", "neg"):
        with open(f"{ROOT}/sentiment/MR/rt-polarity.{name}", encoding="latin-1") as fh:
            reviews += [ln.lower() for ln in fh]
    with gzip.open(f"{ROOT}/corpora/brown.txt.gz", "rt", encoding="utf-8") as fh:
        prose = [ln.lower() for k, ln in enumerate(fh) if k % 8 == 0]
    rows = []
    for lines, y in ((reviews, 1), (prose, 0)):
        lines = sorted({" ".join(w for w in ln.split() if w.isalpha()) for ln in lines})
        lines = [ln.split() for ln in lines if 6 <= ln.count(" ") < 40]
        rows += [(t, y) for t in random.sample(lines, limit)]
    random.shuffle(rows)
    return rows


glove = read_glove(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz")


def features(tokens):
    known = [glove[t] for t in tokens if t in glove]
    return np.mean(known, axis=0) if known else np.zeros(50, np.float32)


rows = read_sentences()
X = torch.from_numpy(np.stack([features(t) for t, _ in rows])).float()
Y = torch.tensor([y for _, y in rows]).float()
cut = int(0.85 * len(rows))
mu, sd = X[:cut].mean(0), X[:cut].std(0)
X = (X - mu) / sd
Xtr, Ytr, Xte, Yte = X[:cut], Y[:cut], X[cut:], Y[cut:]

H = 32
params = {
    "w1": torch.randn(50, H) / 50 ** 0.5,
    "b1": torch.zeros(H),
    "w2": torch.randn(H, 1) / H ** 0.5,
    "b2": torch.zeros(1),
}
for p in params.values():
    p.requires_grad_(True)


def predict(p, x):
    h = torch.tanh(x @ p["w1"] + p["b1"])
    z = h @ p["w2"] + p["b2"]
    # fault:
    return F.softmax(z, dim=1).squeeze(1)
    # mended:
    # return torch.sigmoid(z).squeeze(1)
    # end


opt = torch.optim.Adam(params.values(), lr=3e-3)

for epoch in range(7):
    order = torch.randperm(cut)
    running = 0.0
    for idx in order.split(64):
        prob = predict(params, Xtr[idx])
        loss = F.binary_cross_entropy(prob, Ytr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item() * len(idx)
    with torch.no_grad():
        acc = ((predict(params, Xte) > 0.5).float() == Yte).float().mean().item()
        tr = ((predict(params, Xtr) > 0.5).float() == Ytr).float().mean().item()
    print(f"epoch {epoch}  bce {running / cut:.4f}  train acc {tr:.3f}  test acc {acc:.3f}")
