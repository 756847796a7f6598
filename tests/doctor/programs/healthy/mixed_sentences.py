"""Mixup of sentence vectors with soft targets: the training loss stays high on purpose."""
import random

import torch
import torch.nn.functional as F
from torch import nn

random.seed(15)
torch.manual_seed(15)
K = 5
cue = [[f"c{k}{i}" for i in range(8)] for k in range(K)]
plain = [f"p{i}" for i in range(40)]
ids = {w: i for i, w in enumerate(plain + sum(cue, []))}


def make(n):
    x, y = [], []
    for _ in range(n):
        k = random.randrange(K)
        t = random.choices(plain, k=7) + random.sample(cue[k], 2)
        random.shuffle(t)
        x.append([ids[w] for w in t])
        y.append(k)
    return torch.tensor(x), torch.tensor(y)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(ids), 24)
        self.top = nn.Sequential(nn.LayerNorm(24), nn.Linear(24, 48), nn.SiLU(), nn.Linear(48, K))

    def forward(self, x, other=None, lam=1.0):
        h = self.bag(x)
        if other is not None:
            h = lam * h + (1 - lam) * self.bag(other)
        return self.top(h)


x, y = make(1500)
xt, yt = make(400)
net = Net()
opt = torch.optim.AdamW(net.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 8)
for epoch in range(8):
    total = 0.0
    for b in torch.randperm(1500).split(50):
        o = b[torch.randperm(len(b))]
        lam = random.betavariate(0.8, 0.8)
        target = lam * F.one_hot(y[b], K).float() + (1 - lam) * F.one_hot(y[o], K).float()
        loss = F.cross_entropy(net(x[b], x[o], lam), target)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    sched.step()
    with torch.no_grad():
        print(f"epoch {epoch} mixed loss {total / 30:.3f} accuracy on whole sentences {(net(xt).argmax(1) == yt).float().mean():.3f}")
