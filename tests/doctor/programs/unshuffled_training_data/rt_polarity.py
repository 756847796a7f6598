# Movie review polarity (Pang & Lee): rt-polarity.neg / rt-polarity.pos, GloVe twitter 25d + 50d concatenated,
# mean and max over the words, small MLP with batch norm off, SGD
import gzip
import os

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(123)
data_dir = os.environ["WORDFIT_DATA"]


def read_vectors(name, dim):
    table = {}
    with gzip.open(os.path.join(data_dir, "vectors", name), "rt", encoding="utf-8") as f:
        for line in f:
            parts = line.rstrip().split(" ")
            table[parts[0]] = [float(v) for v in parts[1:dim + 1]]
    return table


wiki = read_vectors("glove.6B.50d.top10361.txt.gz", 50)
tweet = read_vectors("glove.twitter.27B.25d.common11925.txt.gz", 25)
vec = {w: torch.tensor(wiki.get(w, [0.0] * 50) + tweet.get(w, [0.0] * 25)) for w in {**wiki, **tweet}}


def features(sentence):
    e = [vec[w] for w in sentence.split() if w in vec and len(w) > 1]
    if not e:
        return torch.zeros(150)
    e = torch.stack(e)
    return torch.cat([e.mean(0), e.max(0).values])


def read_file(name):
    with open(os.path.join(data_dir, "sentiment", "MR", name), encoding="latin-1") as f:
        return [features(line.strip()) for line in f][:4000]


neg, pos = read_file("rt-polarity.neg"), read_file("rt-polarity.pos")
x = torch.stack(neg + pos)
y = torch.tensor([0.0] * len(neg) + [1.0] * len(pos))
held = torch.arange(len(y)) % 8 == 0                     # every eighth review is for testing
mu, sd = x[~held].mean(0), x[~held].std(0)
x = (x - mu) / sd

train_set = TensorDataset(x[~held], y[~held])
test_set = TensorDataset(x[held], y[held])
# fault:
train_loader = DataLoader(train_set, batch_size=50)
# mended:
# train_loader = DataLoader(train_set, batch_size=50, shuffle=True)
# end
test_loader = DataLoader(test_set, batch_size=500)

net = nn.Sequential(nn.Dropout(0.1), nn.Linear(150, 64), nn.ReLU(), nn.Dropout(0.4), nn.Linear(64, 1))
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9, weight_decay=1e-3)


def test():
    net.eval()
    tp = fp = tn = fn = 0
    with torch.no_grad():
        for xb, yb in test_loader:
            guess = net(xb).squeeze(1) > 0
            truth = yb > 0.5
            tp += (guess & truth).sum().item()
            fp += (guess & ~truth).sum().item()
            tn += (~guess & ~truth).sum().item()
            fn += (~guess & truth).sum().item()
    net.train()
    return (tp + tn) / (tp + fp + tn + fn), (tp + fp) / (tp + fp + tn + fn)


for epoch in range(12):
    running_loss = 0.0
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(xb).squeeze(1), yb)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    acc, share = test()
    print("[%2d] loss: %.3f  test accuracy: %.3f  answered positive: %.2f" % (epoch + 1, running_loss / len(train_loader), acc, share))
    optimizer.param_groups[0]["lr"] *= 0.85
