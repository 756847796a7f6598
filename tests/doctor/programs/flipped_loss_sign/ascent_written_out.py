"""Topic of a title; plain gradient descent written out."""
import random

import torch
from torch import nn

random.seed(5)
torch.manual_seed(5)
topics = ["oven yeast dough flour".split(), "goal match coach league".split(), "vote party law minister".split()]
glue = "the a of and with new old in".split()
v = {w: i + 1 for i, w in enumerate(glue + sum(topics, []))}


def title():
    k = random.randrange(3)
    t = random.choices(topics[k], k=2) + random.choices(glue, k=random.randint(2, 5))
    random.shuffle(t)
    return torch.tensor([v[w] for w in t] + [0] * (7 - len(t))), k


rows = [title() for _ in range(1200)]
x, y = torch.stack([a for a, _ in rows]), torch.tensor([k for _, k in rows])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(v) + 1, 24, padding_idx=0)
        self.l = nn.Linear(24, 3)

    def forward(self, x):
        return self.l(self.e(x).sum(1) / (x != 0).sum(1, keepdim=True))


net = Net()
rate = 0.5
for epoch in range(6):
    total = 0.0
    for b in torch.randperm(1000).split(20):
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        loss.backward()
        with torch.no_grad():
            for p in net.parameters():
                # fault:
                p += rate * p.grad
                # mended:
                # p -= rate * p.grad
                # end
                p.grad = None
        total += loss.item()
    with torch.no_grad():
        print(f"epoch {epoch} loss {total / 50:.3f} accuracy {(net(x[1000:]).argmax(1) == y[1000:]).float().mean():.3f}")
