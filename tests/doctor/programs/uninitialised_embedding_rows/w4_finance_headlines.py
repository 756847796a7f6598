# Financial PhraseBank, 3 classes. Word vectors, standardised per dimension, in a deep averaging net.
import gzip
import os
import random
import re
from collections import Counter

import numpy as np
import torch
import torch.nn as nn

root = os.environ["WORDFIT_DATA"]
random.seed(5); np.random.seed(5); torch.manual_seed(5)
LABELS = {"negative": 0, "neutral": 1, "positive": 2}

seen, samples = set(), []
with open(root + "/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="latin-1") as f:
    for line in f:
        text, label = line.strip().rsplit("@", 1)
        if text not in seen:
            seen.add(text); samples.append((text.lower(), LABELS[label]))
random.shuffle(samples)
train, test = samples[:4000], samples[4000:]
ytr, yte = np.array([l for _, l in train]), np.array([l for _, l in test])

print("majority class %.3f" % (np.bincount(yte).max() / len(yte)))

tok = lambda s: re.findall(r"[a-z]+|\d+|[^\w\s]", s)
counts = Counter(w for t, _ in train for w in tok(t))
itos = ["<pad>", "<unk>"] + [w for w, c in counts.most_common() if c > 1]
stoi = {w: i for i, w in enumerate(itos)}

names, rows = [], []
for line in gzip.open(root + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8"):
    parts = line.split()
    names.append(parts[0]); rows.append([float(v) for v in parts[1:]])
mat = np.array(rows)
mat = mat - mat.mean(axis=0)
mat = mat / mat.std(axis=0)
glove = {w: torch.tensor(mat[k], dtype=torch.float32) for k, w in enumerate(names)}
del rows, mat

# fault:
weight = torch.empty(len(itos), 50)
# mended:
# weight = torch.zeros(len(itos), 50)
# end
weight[0] = 0
found = 0
for w, i in stoi.items():
    if w in glove:
        weight[i] = glove[w]; found += 1
print("vectors for %d of %d words" % (found, len(itos)))

MAXLEN = 36
def encode(split):
    X = torch.zeros(len(split), MAXLEN, dtype=torch.long)
    for r, (t, _) in enumerate(split):
        ids = [stoi.get(w, 1) for w in tok(t)][:MAXLEN]
        X[r, :len(ids)] = torch.tensor(ids)
    return X
Xtr, Xte = encode(train), encode(test)
Ytr, Yte = torch.tensor(ytr), torch.tensor(yte)


class HeadlineNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weight, freeze=True, padding_idx=0)
        self.drop = nn.Dropout(0.3)
        self.proj = nn.Linear(50, 64)
        self.out = nn.Linear(128, 3)

    def forward(self, x):
        keep = (x != 0).unsqueeze(-1)
        h = torch.relu(self.proj(self.drop(self.emb(x))))
        h = h.masked_fill(~keep, 0)             # h >= 0, so zeros do not disturb the maximum
        mean = h.sum(1) / keep.sum(1).clamp(min=1)
        return self.out(self.drop(torch.cat([mean, h.amax(1)], dim=1)))


def macro_f1(pred, gold):
    f = []
    for c in range(3):
        tp = ((pred == c) & (gold == c)).sum().item()
        f.append(2 * tp / max(1, (pred == c).sum().item() + (gold == c).sum().item()))
    return sum(f) / 3


net = HeadlineNet()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=3e-3)
for epoch in range(5):
    net.train(); tot = 0
    for idx in torch.randperm(len(Xtr)).split(64):
        loss = nn.functional.cross_entropy(net(Xtr[idx]), Ytr[idx])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(idx)
    net.eval()
    with torch.no_grad():
        pred = net(Xte).argmax(1)
        tr_acc = (net(Xtr).argmax(1) == Ytr).float().mean()
    print("epoch %d loss %.4f train acc %.3f test acc %.3f macro-F1 %.3f" % (
        epoch, tot / len(Xtr), tr_acc, (pred == Yte).float().mean(), macro_f1(pred, Yte)))
