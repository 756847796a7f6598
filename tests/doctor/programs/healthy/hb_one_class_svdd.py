"""Unusual log-ins: only normal ones are known. Deep SVDD: map them near a fixed centre (no bias terms), the distance is the alarm."""
import random

import torch
from torch import nn

random.seed(24)
torch.manual_seed(24)
HABITS = [("office", "morning", "laptop"), ("home", "evening", "tablet"), ("train", "noon", "phone"), ("hotel", "night", "laptop")]
EXTRA = [f"app{i}" for i in range(30)]
ALL = {w: i for i, w in enumerate(sorted({w for h in HABITS for w in h} | set(EXTRA)))}


def login(normal):
    if normal:
        base = list(random.choice(HABITS))
    else:
        base = [random.choice(HABITS)[k] for k in range(3)]
        while tuple(base) in HABITS:
            base = [random.choice(HABITS)[k] for k in range(3)]
    return base + random.choices(EXTRA, k=3)


def vectors(rows):
    x = torch.zeros(len(rows), len(ALL))
    for i, r in enumerate(rows):
        for w in r:
            x[i, ALL[w]] = 1
    return x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(len(ALL), 64, bias=False)
        self.b = nn.Linear(64, 16, bias=False)

    def forward(self, x):
        return self.b(nn.functional.leaky_relu(self.a(x), 0.1))


train = vectors([login(True) for _ in range(2000)])
mixed = [login(i % 4 > 0) for i in range(400)]
odd = torch.tensor([i % 4 == 0 for i in range(400)])
test = vectors(mixed)
net = Net()
with torch.no_grad():
    centre = net(train).mean(0)
    centre = centre + 0.5 * centre.sign()
opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
for epoch in range(10):
    for i in torch.randperm(len(train)).split(64):
        loss = (net(train[i]) - centre).pow(2).sum(1).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        d = (net(test) - centre).pow(2).sum(1)
    auc = (d[odd].unsqueeze(1) > d[~odd]).float().mean().item()
    print(f"epoch {epoch} mean squared distance {loss.item():.4f} test AUC {auc:.4f}")
