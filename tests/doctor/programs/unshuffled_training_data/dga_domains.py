"""Malware families from the domain names that they generate (DGA), plus ordinary names.  Character CNN."""
import hashlib
import random

import torch
from torch import nn
import torch.nn.functional as F

random.seed(77)
torch.manual_seed(77)
SYL = "ba be bo ca co da de di fa ga go ha ka la le li lo ma me mi mo na ne no pa po ra re ro sa se si so ta te ti to va ve vi".split()
DICT = "cloud river stone green market light house water garden silver online travel happy smart garage coffee summer winter".split()


def banjo(i):
    h = hashlib.md5(f"banjo{i}".encode()).hexdigest()
    return h[:random.randint(10, 16)]


def vowelly(i):
    return "".join(random.choice(SYL) for _ in range(random.randint(4, 7)))


def wordy(i):
    return random.choice(DICT) + random.choice(DICT)


def uniform(i):
    return "".join(random.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(random.randint(10, 16)))


def benign(i):
    return random.choice(DICT)[:random.randint(3, 6)] + random.choice(SYL) + random.choice(["", "24", "-shop", "hub", "ly", random.choice(SYL)])


families = [("benign", benign), ("banjo", banjo), ("uniform", uniform), ("vowelly", vowelly), ("wordy", wordy)]
PER, DEV, W = 520, 90, 24
chars = {c: i + 1 for i, c in enumerate("abcdefghijklmnopqrstuvwxyz0123456789-")}


def encode(s):
    s = s[:W]
    return [chars[c] for c in s] + [0] * (W - len(s))


train, dev = [], []
for label, (name, make) in enumerate(families):
    unique = {make(i) for i in range(PER * 2)}
    names = sorted(unique, key=lambda s: hashlib.md5(s.encode()).hexdigest())[:PER]
    dev += [(encode(s), label) for s in names[:DEV]]
    train += [(encode(s), label) for s in names[DEV:]]
X, Y = torch.tensor([a for a, _ in train]), torch.tensor([b for _, b in train])
DX, DY = torch.tensor([a for a, _ in dev]), torch.tensor([b for _, b in dev])
print(len(X), "training names,", len(DX), "dev names")


class DomainCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(chars) + 1, 16, padding_idx=0)
        self.c2 = nn.Conv1d(16, 24, 2)
        self.c3 = nn.Conv1d(16, 24, 3)
        self.o = nn.Linear(48, len(families))

    def forward(self, x):
        e = self.e(x).mT
        h = torch.cat([F.relu(c(e)).amax(-1) for c in (self.c2, self.c3)], 1)
        return self.o(F.dropout(h, 0.2, self.training))


net = DomainCNN()
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True)
for epoch in range(10):
    net.train()
    # fault:
    order = torch.arange(len(X))
    # mended:
    # order = torch.randperm(len(X))
    # end
    tot = 0.0
    for i in range(0, len(order), 32):
        rows = order[i:i + 32]
        loss = F.cross_entropy(net(X[rows]), Y[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(rows)
    net.eval()
    with torch.no_grad():
        p = net(DX).argmax(1)
    print(f"epoch {epoch + 1:2d} loss {tot / len(X):.4f} dev acc {(p == DY).float().mean().item():.4f} answers {p.bincount(minlength=5).tolist()}")
