"""Softmax regression from scratch: which machine wrote the log line, by its word counts."""
import random

import torch

random.seed(3)
torch.manual_seed(3)
MACHINES = ["press", "oven", "mixer", "belt"]
OWN = {
    "press": "pressure valve oil plate stroke".split(),
    "oven": "heat fan door burner timer".split(),
    "mixer": "bowl whisk speed dough lid".split(),
    "belt": "roller motor jam speed sensor".split(),
}
COMMON = "start stop ok warning error shift operator check at by the of".split()
VOCAB = sorted({w for ws in OWN.values() for w in ws} | set(COMMON))
INDEX = {w: i for i, w in enumerate(VOCAB)}


def line():
    k = random.randrange(4)
    words = random.choices(COMMON, k=5) + random.choices(OWN[MACHINES[k]], k=2)
    row = torch.zeros(len(VOCAB))
    for w in words:
        row[INDEX[w]] += 1
    return row, k


rows = [line() for _ in range(1500)]
X = torch.stack([r for r, _ in rows])
Y = torch.tensor([k for _, k in rows])
X_train, Y_train, X_test, Y_test = X[:1200], Y[:1200], X[1200:], Y[1200:]
W = torch.normal(0, 0.01, size=(len(VOCAB), 4), requires_grad=True)
b = torch.zeros(4, requires_grad=True)


def softmax(z):
    e = torch.exp(z)
    # fault:
    return e / e.sum(0, keepdim=True)
    # mended:
    # return e / e.sum(1, keepdim=True)
    # end


def net(x):
    return softmax(x @ W + b)


def cross_entropy(p, y):
    return -torch.log(p[range(len(p)), y])


def sgd(params, lr, batch_size):
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad / batch_size
            p.grad.zero_()


lr, batch_size = 0.5, 30
for epoch in range(12):
    order = torch.randperm(len(X_train))
    for i in range(0, len(order), batch_size):
        x, y = X_train[order[i : i + batch_size]], Y_train[order[i : i + batch_size]]
        loss = cross_entropy(net(x), y).sum()
        loss.backward()
        sgd([W, b], lr, batch_size)
    with torch.no_grad():
        acc = (net(X_test).argmax(1) == Y_test).float().mean().item()
    print(f"epoch {epoch + 1}, loss {loss.item() / batch_size:.4f}, test acc {acc:.3f}")
