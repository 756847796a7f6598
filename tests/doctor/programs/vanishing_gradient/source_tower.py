"""Exercise 4: how deep should the classifier on top of averaged word vectors be?

Task: film review, product review, finance news or tweet?
"""
import gzip
import os

import numpy as np
import torch
from torch import nn

DATA = os.environ["WORDFIT_DATA"]
rng = np.random.RandomState(7)
torch.manual_seed(7)


def read_glove(path, limit=10361):
    table = {}
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for line in fh:
            word, *vals = line.rstrip().split(" ")
            table[word] = np.array(vals, dtype=np.float32)
            if len(table) == limit:
                break
    return table


def lines(path, enc="utf-8"):
    with open(f"{DATA}/sentiment/{path}", encoding=enc) as fh:
        return [l.rstrip("\n").lower().replace("@user", "").split() for l in fh]


SOURCES = [
    lines("MR/rt-polarity.pos", "latin-1")[:1360],
    lines("CR/custrev.pos", "latin-1")[:1360],
    [" ".join(s).split("@")[0].split() for s in lines("financial-phrasebank/Sentences_50Agree.txt")[:1360]],
    lines("tweeteval/emotion/train_text.txt")[:1360],
]

glove = read_glove(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz")
X, Y = [], []
for label, sents in enumerate(SOURCES):
    for toks in sents:
        known = [glove[w] for w in toks if w in glove]
        if len(known) > 3:
            X.append(np.mean(known, axis=0))
            Y.append(label)
perm = rng.permutation(len(X))
X, Y = torch.tensor(np.stack(X)[perm]), torch.tensor(np.array(Y)[perm])
Xtr, Ytr, Xte, Yte = X[:4200], Y[:4200], X[4200:], Y[4200:]
mu, sd = Xtr.mean(0), Xtr.std(0)
Xtr, Xte = (Xtr - mu) / sd, (Xte - mu) / sd
print("train", tuple(Xtr.shape), "dev", tuple(Xte.shape))

DEPTH, WIDTH = 8, 64


def make_tower():
    layers = []
    n_in = Xtr.shape[1]
    for _ in range(DEPTH):
        lin = nn.Linear(n_in, WIDTH)
        # fault:
        nn.init.xavier_uniform_(lin.weight)
        nn.init.zeros_(lin.bias)
        layers += [lin, nn.Sigmoid()]
        # mended:
        # nn.init.kaiming_uniform_(lin.weight, nonlinearity="relu")
        # nn.init.zeros_(lin.bias)
        # layers += [lin, nn.ReLU()]
        # end
        n_in = WIDTH
    layers += [nn.Linear(n_in, len(SOURCES))]
    return nn.Sequential(*layers)


net = make_tower()
opt = torch.optim.SGD(net.parameters(), lr=0.004, momentum=0.9, weight_decay=1e-3)
criterion = nn.CrossEntropyLoss()

for epoch in range(1, 8):
    net.train()
    order = torch.from_numpy(rng.permutation(len(Xtr)))
    running = 0.0
    for chunk in order.split(64):
        opt.zero_grad()
        loss = criterion(net(Xtr[chunk]), Ytr[chunk])
        loss.backward()
        opt.step()
        running += loss.item() * len(chunk)
    net.eval()
    with torch.no_grad():
        a_tr = (net(Xtr).argmax(1) == Ytr).float().mean().item()
        a_te = (net(Xte).argmax(1) == Yte).float().mean().item()
    print(f"epoch {epoch}  loss {running / len(Xtr):.4f}  train acc {a_tr:.3f}  dev acc {a_te:.3f}")
