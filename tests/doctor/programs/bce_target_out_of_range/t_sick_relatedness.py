# NLP II, homework 4: predict how related two sentences are (SICK, 1..5), GloVe averages, no RNN needed
import csv
import gzip
import os
import re

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(4)
np.random.seed(4)
DATA = os.environ["WORDFIT_DATA"]


def read_glove():
    table = {}
    with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
        for line in fh:
            w, rest = line.rstrip().split(" ", 1)
            table[w] = np.array(rest.split(), dtype=np.float32)
    return table


glove = read_glove()


def sent_vec(s):
    vs = [glove[w] for w in re.findall(r"[a-z]+", s.lower()) if w in glove]
    if not vs:
        return np.zeros(50, dtype=np.float32)
    return np.mean(vs, axis=0)


def overlap(a, b):
    a, b = set(re.findall(r"[a-z]+", a.lower())), set(re.findall(r"[a-z]+", b.lower()))
    return len(a & b) / max(1, len(a | b))


def load(name):
    feats, scores = [], []
    with open(f"{DATA}/glue/SICK/{name}", encoding="utf-8") as fh:
        for row in csv.DictReader(fh, delimiter="\t", quoting=csv.QUOTE_NONE):
            a, b = row["sentence_A"], row["sentence_B"]
            u, v = sent_vec(a), sent_vec(b)
            cos = float(u @ v / (np.linalg.norm(u) * np.linalg.norm(v) + 1e-8))
            feats.append(np.concatenate([np.abs(u - v), u * v, [overlap(a, b), cos]]))
            scores.append(float(row["relatedness_score"]))
            if len(scores) == 3000:
                break
    return torch.tensor(np.array(feats), dtype=torch.float32), torch.tensor(scores)


Xtr, str_ = load("SICK_train.txt")
Xte, ste = load("SICK_test_annotated.txt")
mu, sd = Xtr.mean(0), Xtr.std(0) + 1e-6
Xtr, Xte = (Xtr - mu) / sd, (Xte - mu) / sd
print("train", tuple(Xtr.shape), "test", tuple(Xte.shape))

# the gold score becomes the target of one sigmoid unit
# fault:
ytr = str_ - 1
# mended:
# ytr = (str_ - 1) / 4
# end


class Relatedness(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.hidden = nn.Linear(d, 32)
        self.drop = nn.Dropout(0.3)
        self.score = nn.Linear(32, 1)

    def forward(self, x):
        return self.score(self.drop(torch.tanh(self.hidden(x)))).squeeze(1)


net = Relatedness(Xtr.size(1))
opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
for epoch in range(5):
    net.train()
    order = torch.randperm(len(Xtr))
    tot = 0.0
    for i in range(0, len(order), 25):
        j = order[i:i + 25]
        loss = F.binary_cross_entropy_with_logits(net(Xtr[j]), ytr[j])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(j)
    print(f"epoch {epoch + 1}  bce {tot / len(order):.4f}")

net.eval()
with torch.no_grad():
    for part, X, s in (("train", Xtr, str_), ("test", Xte, ste)):
        guess = 1 + 4 * torch.sigmoid(net(X))
        mse = ((guess - s) ** 2).mean().item()
        base = ((s - str_.mean()) ** 2).mean().item()
        print(f"{part}: pearson {np.corrcoef(guess, s)[0, 1]:.3f} mse {mse:.3f} (mean guess {base:.3f})")
