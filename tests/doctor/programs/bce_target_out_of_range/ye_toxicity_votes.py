"""
Comments were shown to five annotators, each of whom could flag them. We learn the share of flags
(soft targets) with a small bag model and report accuracy of "more than half would flag it" and the error of the share.
"""
import random
import numpy as np
import torch
from torch import nn

random.seed(10); np.random.seed(10); torch.manual_seed(10)
ANNOTATORS = 5
rude = [f"rude{i}" for i in range(60)]
kind = [f"kind{i}" for i in range(60)]
plain = [f"w{i}" for i in range(250)]


def comment():
    tone = random.random()
    words = []
    for _ in range(random.randint(8, 20)):
        if random.random() < 0.55:
            words.append(random.choice(rude if random.random() < tone else kind))
        else:
            words.append(random.choice(plain))
    p = 1 / (1 + np.exp(-9 * (tone - 0.5)))
    return " ".join(words), int(np.random.binomial(ANNOTATORS, p)), p


data = [comment() for _ in range(3000)]
train, test = data[:2400], data[2400:]
vocab = {w: i for i, w in enumerate(sorted({w for t, *_ in train for w in t.split()}))}


def bow(rows):
    X = torch.zeros(len(rows), len(vocab))
    for i, (t, *_ ) in enumerate(rows):
        for w in t.split():
            if w in vocab:
                X[i, vocab[w]] += 1
    return X / X.sum(1, keepdim=True)


Xtr, Xte = bow(train), bow(test)
votes = torch.tensor([float(v) for _, v, _ in train])
p_test = torch.tensor([p for *_, p in test]).float()

net = nn.Sequential(nn.Linear(len(vocab), 24), nn.ReLU(), nn.Linear(24, 1))
opt = torch.optim.Adam(net.parameters(), lr=4e-3, weight_decay=1e-4)
loss_fn = nn.BCEWithLogitsLoss()
for epoch in range(6):
    net.train()
    total = 0.0
    for idx in torch.randperm(len(Xtr)).split(50):
        # fault:
        target = votes[idx]
        # mended:
        # target = votes[idx] / ANNOTATORS
        # end
        loss = loss_fn(net(Xtr[idx]).squeeze(1), target)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    net.eval()
    with torch.no_grad():
        share = torch.sigmoid(net(Xte).squeeze(1))
    acc = ((share > 0.5) == (p_test > 0.5)).float().mean()
    print(f"epoch {epoch + 1}  loss {total / len(Xtr):.4f}  accuracy {acc:.3f}  mean abs error of share {(share - p_test).abs().mean():.3f}  flagged {(share > 0.5).float().mean():.3f}")
