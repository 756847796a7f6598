"""SST-2 sentences, averaged GloVe, two-layer net.  Homework 3, part b."""
import gzip
import os
from collections import namedtuple

import numpy as np
import torch
from torch import nn

torch.manual_seed(224)
DATA = os.environ["WORDFIT_DATA"]
Split = namedtuple("Split", "x y")


def glove(n=9000):
    table = {}
    with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            word, rest = line.split(" ", 1)
            table[word] = np.array(rest.split(), dtype=np.float32)
            if len(table) == n:
                break
    return table


vectors = glove()


def featurize(sentence):
    known = [vectors[w] for w in sentence.split() if w in vectors]
    return np.mean(known, axis=0) if known else None


def load(name):
    with open(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.{name}", encoding="utf-8") as f:
        rows = [line.strip().split(" ", 1) for line in f]
    feats = [(featurize(s), int(l)) for l, s in rows]
    feats = [f for f in feats if f[0] is not None]
    return Split(torch.tensor(np.stack([f for f, _ in feats])), torch.tensor([[float(l)] for _, l in feats]))


train, dev = load("train"), load("dev")
mu, sd = train.x.mean(0), train.x.std(0)
train, dev = train._replace(x=(train.x - mu) / sd), dev._replace(x=(dev.x - mu) / sd)
print(train.x.shape, dev.x.shape, "positive:", train.y.mean().item(), dev.y.mean().item())


class Net(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.l1 = nn.Linear(50, hidden)
        self.drop = nn.Dropout(0.2)
        self.l2 = nn.Linear(hidden, 1)

    def forward(self, x):
        z = self.l2(self.drop(torch.relu(self.l1(x))))
        # fault:
        return torch.softmax(z, dim=1)
        # mended:
        # return torch.sigmoid(z)
        # end


net = Net()
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-4)


def evaluate(split):
    net.eval()
    with torch.no_grad():
        p = net(split.x)
        return criterion(p, split.y).item(), ((p >= 0.5).float() == split.y).float().mean().item()


for epoch in range(5):
    net.train()
    for idx in torch.randperm(len(train.x)).split(32):
        optimizer.zero_grad()
        loss = criterion(net(train.x[idx]), train.y[idx])
        loss.backward()
        optimizer.step()
    print("epoch {}: train loss {:.3f} acc {:.3f}   dev loss {:.3f} acc {:.3f}".format(epoch, *evaluate(train), *evaluate(dev)))
