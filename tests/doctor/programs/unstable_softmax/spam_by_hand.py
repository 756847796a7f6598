"""Homework: spam filter with word counts, the loss written out by hand."""
import random

import torch

random.seed(9)
torch.manual_seed(9)
spam = "winner cash prize click free offer urgent claim bonus viagra loan casino credit guarantee lottery".split()
ham = "meeting lunch project report thanks tomorrow draft family schedule invoice notes agenda kids weekend review".split()
both = "the to you and for is on your have this with be we at will please mail today".split()
vocab = {w: i for i, w in enumerate(spam + ham + both)}


def mail(label):
    own, other = (spam, ham) if label else (ham, spam)
    words = random.choices(both, k=random.randint(20, 60)) + random.choices(own, k=random.randint(5, 25)) + random.choices(other, k=random.randint(0, 3))
    x = torch.zeros(len(vocab))
    for w in words:
        x[vocab[w]] += 1
    return x


labels = [random.randint(0, 1) for _ in range(1600)]
X = torch.stack([mail(y) for y in labels])
y = torch.tensor(labels, dtype=torch.float)
X_train, y_train, X_dev, y_dev = X[:1200], y[:1200], X[1200:], y[1200:]


class SpamFilter(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = torch.nn.Linear(len(vocab), 20)
        self.l2 = torch.nn.Linear(20, 1)

    def forward(self, x):
        return self.l2(torch.relu(self.l1(x))).squeeze(1)


def bce(z, y):
    # fault:
    p = 1 / (1 + torch.exp(-z))
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()
    # mended:
    # return (torch.nn.functional.softplus(z) - y * z).mean()
    # end


model = SpamFilter()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(8):
    order = torch.randperm(len(X_train))
    for i in range(0, len(order), 20):
        idx = order[i : i + 20]
        loss = bce(model(X_train[idx]), y_train[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = ((model(X_dev) > 0).float() == y_dev).float().mean()
    print(f"epoch {epoch} loss {loss.item():.5f} dev accuracy {acc:.4f}")
