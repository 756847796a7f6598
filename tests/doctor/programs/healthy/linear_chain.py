"""Named entities with a linear-chain CRF; the forward algorithm runs in log space."""
import random

import torch
from torch import nn

random.seed(14)
torch.manual_seed(14)
TAGS = ["O", "B", "I"]
names = "lake saint new mount".split()
second = "view john haven rose".split()
plain = "we went to the and saw a nice little house near by on foot".split()
ids = {w: i + 1 for i, w in enumerate(names + second + plain)}


def line():
    w, t = [], []
    for _ in range(random.randint(3, 8)):
        if random.random() < 0.3:
            w += [random.choice(names), random.choice(second)]
            t += [1, 2]
        else:
            w.append(random.choice(plain + second[:2]))
            t.append(0)
    return torch.tensor([ids[x] for x in w]), torch.tensor(t)


class CRF(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(ids) + 1, 16)
        self.emit = nn.Linear(16, 3)
        self.trans = nn.Parameter(torch.zeros(3, 3))

    def scores(self, x):
        return self.emit(self.emb(x))

    def nll(self, x, y):
        e = self.scores(x)
        gold = e[torch.arange(len(y)), y].sum() + self.trans[y[:-1], y[1:]].sum()
        a = e[0]
        for t in range(1, len(e)):
            a = torch.logsumexp(a[:, None] + self.trans, 0) + e[t]
        return torch.logsumexp(a, 0) - gold

    @torch.no_grad()
    def decode(self, x):
        e, back = self.scores(x), []
        a = e[0]
        for t in range(1, len(e)):
            best, k = (a[:, None] + self.trans).max(0)
            a = best + e[t]
            back.append(k)
        path = [a.argmax().item()]
        for k in reversed(back):
            path.append(k[path[-1]].item())
        return torch.tensor(path[::-1])


crf = CRF()
opt = torch.optim.Adam(crf.parameters(), lr=2e-2)
train, test = [line() for _ in range(160)], [line() for _ in range(80)]
for epoch in range(4):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 8):
        opt.zero_grad()
        loss = sum(crf.nll(x, y) for x, y in train[i:i + 8]) / 8
        loss.backward()
        opt.step()
        total += loss.item()
    right = sum((crf.decode(x) == y).sum().item() for x, y in test) / sum(len(y) for _, y in test)
    print(f"epoch {epoch} nll {total / 20:.3f} tags right {right:.3f}")
