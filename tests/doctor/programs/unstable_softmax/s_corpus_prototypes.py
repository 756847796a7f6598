"""Which collection does a line come from?  Nearest learned prototype on standardised GloVe averages.

p(k | x) ~ exp(-|x - c_k|^2), prototypes c_k and a diagonal metric are trained by maximum likelihood.
"""
import gzip
import os
import re
from itertools import islice

import numpy as np
import torch
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

DATA = os.environ["WORDFIT_DATA"]
SOURCES = {
    "film reviews": "corpora/imdb-unsup-25k.txt.gz",
    "newswire": "corpora/reuters-21578-bodies.txt.gz",
    "encyclopedia": "corpora/enwiki-2018-sample.txt.gz",
    "image captions": "seq2seq/multi30k/train.en.gz",
}
torch.manual_seed(7)


def glove():
    out = {}
    with gzip.open(os.path.join(DATA, "vectors/glove.6B.100d.top2604.txt.gz"), "rt", encoding="utf-8") as f:
        for line in f:
            w, rest = line.rstrip().split(" ", 1)
            out[w] = np.array(rest.split(), dtype=np.float32)
    return out


vectors = glove()
features, labels = [], []
for k, (name, path) in enumerate(SOURCES.items()):
    taken = 0
    with gzip.open(os.path.join(DATA, path), "rt", encoding="utf-8") as f:
        for line in islice(f, 6000):
            known = [vectors[w] for w in re.findall(r"[a-z]+", line[:500].lower())[:60] if w in vectors]
            if len(known) < 5:
                continue
            features.append(np.mean(known, axis=0))
            labels.append(k)
            taken += 1
            if taken == 500:
                break

X_train, X_test, y_train, y_test = train_test_split(np.stack(features), np.array(labels), test_size=0.25,
                                                    stratify=labels, random_state=7)
scaler = StandardScaler().fit(X_train)
X_train = torch.tensor(scaler.transform(X_train), dtype=torch.float32)
X_test = torch.tensor(scaler.transform(X_test), dtype=torch.float32)
y_train = torch.tensor(y_train)
print("train", tuple(X_train.shape), "test", tuple(X_test.shape))


class Prototypes(torch.nn.Module):
    def __init__(self, k, d):
        super().__init__()
        self.centre = torch.nn.Parameter(0.05 * torch.randn(k, d))
        self.log_scale = torch.nn.Parameter(torch.zeros(d))

    def distance(self, x):
        diff = (x[:, None, :] - self.centre[None]) * self.log_scale.exp()
        return diff.pow(2).sum(-1)

    def nll(self, x, y):
        d2 = self.distance(x)
        # fault:
        weight = torch.exp(-d2)
        prob = weight / weight.sum(dim=1, keepdim=True)
        return -torch.log(prob[torch.arange(len(y)), y]).mean()
        # mended:
        # logp = torch.log_softmax(-d2, dim=1)
        # return -logp[torch.arange(len(y)), y].mean()
        # end

    def predict(self, x):
        return self.distance(x).argmin(dim=1)


model = Prototypes(len(SOURCES), X_train.shape[1])
optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=1e-3)
for epoch in range(1, 7):
    order = torch.randperm(len(X_train))
    running = 0.0
    for batch in torch.split(order, 50):
        optimizer.zero_grad()
        loss = model.nll(X_train[batch], y_train[batch])
        loss.backward()
        optimizer.step()
        running += loss.item() * len(batch)
    with torch.no_grad():
        acc = (model.predict(X_train) == y_train).float().mean().item()
    print(f"epoch {epoch}  nll {running / len(X_train):.4f}  train acc {acc:.3f}")

with torch.no_grad():
    guess = model.predict(X_test).numpy()
print(f"test acc {accuracy_score(y_test, guess):.3f}  macro F1 {f1_score(y_test, guess, average='macro'):.3f}")
