# How many minutes will the courier be late?  The answer is a mean AND a spread, since some notes are vague.
import math
import random
import torch
from torch import nn

random.seed(9)
torch.manual_seed(9)
CAUSES = {"snow": .9, "rain": .3, "accident": .8, "holiday": .5, "strike": 1.0, "express": -.6, "priority": -.5, "direct": -.3, "local": -.2}
VAGUE = {"maybe": .25, "estimated": .2, "unclear": .35}
REST = "parcel on its way to the depot van driver scan left hub today route".split()
words = list(CAUSES) + list(VAGUE) + REST
ids = {w: i for i, w in enumerate(words)}


def note():
    c = random.sample(list(CAUSES), random.randint(1, 3))
    v = random.sample(list(VAGUE), 1) if random.random() < .4 else []
    n = c + v + random.choices(REST, k=6)
    random.shuffle(n)
    scale = .04 + sum(VAGUE[w] for w in v)
    return n, sum(CAUSES[w] for w in c) + random.gauss(0, scale)


rows = [note() for _ in range(4000)]


def pack(part):
    bag = torch.zeros(len(part), len(words))
    for i, (n, _) in enumerate(part):
        for w in n:
            bag[i, ids[w]] += 1
    return bag, torch.tensor([t for _, t in part])


xa, ta = pack(rows[:3300])
xb, tb = pack(rows[3300:])


class MeanAndSpread(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.mean = nn.Linear(n, 1)
        self.spread = nn.Sequential(nn.Linear(n, 16), nn.Tanh(), nn.Linear(16, 1))

    def forward(self, x):
        return self.mean(x).squeeze(1), self.spread(x).squeeze(1).clamp(-8, 4).exp()


net = MeanAndSpread(len(words))
nll = nn.GaussianNLLLoss()
opt = torch.optim.Adam(net.parameters(), lr=2e-2)
plan = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 12)
for epoch in range(12):
    for ix in torch.randperm(len(xa)).split(64):
        mu, var = net(xa[ix])
        loss = nll(mu, ta[ix], var)
        opt.zero_grad()
        loss.backward()
        opt.step()
    plan.step()
    with torch.no_grad():
        (ma, va), (mb, vb) = net(xa), net(xb)
        print("epoch %2d nll train %.3f test %.3f | rmse test %.3f (guessing the mean %.3f) | within 1 sigma %.2f" % (
            epoch, nll(ma, ta, va), nll(mb, tb, vb), (mb - tb).pow(2).mean().sqrt(), tb.std(),
            ((mb - tb).abs() < vb.sqrt()).float().mean()))
