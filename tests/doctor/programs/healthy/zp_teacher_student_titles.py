# Distillation: a wide teacher (trained on labels) -> an 8-dim student (soft targets + labels).
import torch as th
import torch.nn as nn
import torch.nn.functional as F
import numpy as np

np.random.seed(50)
th.manual_seed(50)
N_CLASS, VOCAB, LEN = 5, 240, 12          # all titles are 12 tokens long
class_word = np.random.dirichlet(np.full(VOCAB, 0.15), N_CLASS)
common = np.random.dirichlet(np.full(VOCAB, 1.0))


def titles(n):
    y = np.random.randint(0, N_CLASS, n)
    x = np.zeros((n, LEN), dtype=np.int64)
    for i in range(n):
        x[i] = np.random.choice(VOCAB, LEN, p=0.4 * class_word[y[i]] + 0.6 * common)
    return th.from_numpy(x), th.from_numpy(y)


X, Y = titles(4000)
Xd, Yd = titles(1000)


def build(dim, hidden):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.e = nn.Embedding(VOCAB, dim)
            self.f = nn.Sequential(nn.Linear(dim, hidden), nn.ReLU(), nn.Dropout(0.2), nn.Linear(hidden, N_CLASS))

        def forward(self, x):
            return self.f(self.e(x).mean(1))
    return Net()


def accuracy(net, x, y):
    net.eval()
    with th.no_grad():
        a = (net(x).argmax(1) == y).float().mean().item()
    net.train()
    return a


def fit(net, loss_of, epochs, lr, tag):
    opt = th.optim.Adam(net.parameters(), lr=lr)
    net.train()
    for ep in range(epochs):
        s = 0.
        for b in th.randperm(len(X)).split(64):
            loss = loss_of(net, b)
            opt.zero_grad()
            loss.backward()
            opt.step()
            s += loss.item() * len(b)
        print(f"{tag} {ep}: loss {s / len(X):.4f} train {accuracy(net, X, Y):.3f} dev {accuracy(net, Xd, Yd):.3f}")


teacher = build(48, 64)
fit(teacher, lambda net, b: F.cross_entropy(net(X[b]), Y[b]), 4, 6e-3, "teacher")

teacher.eval()
for p in teacher.parameters():
    p.requires_grad_(False)
with th.no_grad():
    soft = teacher(X)
T = 2.0


def distil(net, b):
    z = net(X[b])
    kd = F.kl_div(F.log_softmax(z / T, -1), F.softmax(soft[b] / T, -1), reduction="batchmean") * T * T
    return 0.7 * kd + 0.3 * F.cross_entropy(z, Y[b])


student = build(8, 16)
fit(student, distil, 5, 1e-2, "student")
sizes = [sum(p.numel() for p in m.parameters()) for m in (teacher, student)]
print("parameters %d -> %d, dev accuracy %.3f -> %.3f" % (*sizes, accuracy(teacher, Xd, Yd), accuracy(student, Xd, Yd)))
