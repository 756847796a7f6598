"""Film or product?  Review sentences (MR, CR) as averaged GloVe vectors, MLP with batch norm and dropout."""
import gzip, os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

np.random.seed(1); torch.manual_seed(1)
base = os.environ["WORDFIT_DATA"]

glove = {}
with gzip.open(base + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for l in f:
        l = l.rstrip().split(" ")
        glove[l[0]] = np.array(l[1:], dtype="float32")


def sentences(*files, n):
    out = []
    for name in files:
        with open(f"{base}/sentiment/{name}", encoding="latin-1") as f:
            for l in f:
                v = [glove[w] for w in l.split() if w in glove]
                if len(v) >= 5:
                    out.append(np.mean(v, axis=0))
    np.random.shuffle(out)
    return np.stack(out[:n])


film = sentences("MR/rt-polarity.pos", "MR/rt-polarity.neg", n=2400)
product = sentences("CR/custrev.pos", "CR/custrev.neg", n=2400)
cut = 1900
X_train = torch.tensor(np.concatenate([film[:cut], product[:cut]]))
y_train = torch.cat([torch.zeros(cut), torch.ones(cut)]).long()
X_test = torch.tensor(np.concatenate([film[cut:], product[cut:]]))
y_test = torch.cat([torch.zeros(len(film) - cut), torch.ones(len(product) - cut)]).long()

net = nn.Sequential(
    nn.Linear(50, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.4),
    nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.4),
    nn.Linear(32, 2))
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 5)


def test():
    # fault:
    # mended:
    # net.eval()
    # end
    loss, correct = 0.0, 0
    with torch.no_grad():
        for x, y in zip(X_test.split(100), y_test.split(100)):
            out = net(x)
            loss += F.cross_entropy(out, y, reduction="sum").item()
            correct += (out.argmax(1) == y).sum().item()
    return loss / len(X_test), correct / len(X_test)


for epoch in range(1, 6):
    net.train()
    total, correct = 0.0, 0
    for i in torch.randperm(len(X_train)).split(64):
        if len(i) < 2:
            continue
        optimizer.zero_grad()
        out = net(X_train[i])
        loss = F.cross_entropy(out, y_train[i])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(i)
        correct += (out.argmax(1) == y_train[i]).sum().item()
    scheduler.step()
    print("epoch %d | train loss %.3f acc %.3f | test loss %.3f acc %.3f" % ((epoch, total / len(X_train), correct / len(X_train)) + test()))
