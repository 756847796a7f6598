"""Cross-lingual keyword tagging: which German keywords belong to an English caption?   (Multi30k)

Input: mean GloVe vector of the English caption. Output: 25 independent sigmoids, one per frequent German noun, on iff the
noun stands in the German caption. The keywords are rare, so the classifier starts from a prior as in the focal loss paper.
"""
import collections
import gzip
import math
import os
import re

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.metrics import average_precision_score

DATA = os.environ["WORDFIT_DATA"]
PRIOR = 0.02
SEED = 31


def lines(name, n=None):
    with gzip.open(os.path.join(DATA, "seq2seq", "multi30k", name), "rt", encoding="utf-8") as fh:
        return [l.strip() for _, l in zip(range(n or 10 ** 9), fh)]


def read_vectors():
    table = {}
    with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as fh:
        for l in fh:
            w, v = l.split(" ", 1)
            table[w] = np.fromstring(v, sep=" ", dtype=np.float32)
    return table


def featurise(caps, table):
    rows = [[table[w] for w in re.findall(r"[a-z]+", c.lower()) if w in table] for c in caps]
    return torch.from_numpy(np.stack([np.mean(r, 0) for r in rows]))


def keyword_matrix(caps, keywords):
    sets = [set(re.findall(r"\w+", c)) for c in caps]
    return torch.tensor([[float(k in s) for k in keywords] for s in sets])


class Tagger(nn.Module):
    def __init__(self, n_in, n_out, width=40):
        super().__init__()
        self.fc1 = nn.Linear(n_in, width)
        self.fc2 = nn.Linear(width, width)
        self.classifier = nn.Linear(width, n_out)
        self.reset()

    def reset(self):
        start = -math.log((1 - PRIOR) / PRIOR)
        for layer in (self.fc1, self.fc2, self.classifier):
            nn.init.xavier_uniform_(layer.weight)
            # fault:
            nn.init.constant_(layer.bias, start)
            # mended:
            # nn.init.constant_(layer.bias, start if layer is self.classifier else 0.0)
            # end

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.classifier(x)


def score(model, x, y):
    model.eval()
    with torch.no_grad():
        prob = torch.sigmoid(model(x))
    return average_precision_score(y.numpy(), prob.numpy(), average="macro")


def main():
    torch.manual_seed(SEED)
    table = read_vectors()
    n = 6000
    de = lines("train.de.gz", n)
    counts = collections.Counter(w for c in de for w in set(re.findall(r"\w+", c)[1:]) if w[0].isupper())
    keywords = [w for w, _ in counts.most_common(25)]
    x, y = featurise(lines("train.en.gz", n), table), keyword_matrix(de, keywords)
    xv, yv = featurise(lines("val.en.gz"), table), keyword_matrix(lines("val.de.gz"), keywords)
    mu, sd = x.mean(0), x.std(0)
    x, xv = (x - mu) / sd * 0.5, (xv - mu) / sd * 0.5
    print(keywords[:8], "positives per keyword: %.3f" % y.mean().item())

    model = Tagger(x.shape[1], len(keywords))
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-2)
    epochs = 4
    plan = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda e: 1 - e / epochs)
    for epoch in range(epochs):
        model.train()
        running = []
        for idx in torch.randperm(n).split(60):
            loss = F.binary_cross_entropy_with_logits(model(x[idx]), y[idx])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            running.append(loss.item())
        plan.step()
        print(f"epoch {epoch + 1}: bce {np.mean(running):.4f}  dev mAP {score(model, xv, yv):.3f}")
    print(f"mAP train {score(model, x, y):.3f}  dev {score(model, xv, yv):.3f}  (chance {yv.mean().item():.3f})")


if __name__ == "__main__":
    main()
