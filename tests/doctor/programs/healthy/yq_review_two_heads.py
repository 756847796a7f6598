"""Topic and stars of a review with learned task weights; sparse table and dense rest have an optimiser each."""
from dataclasses import dataclass
import random
import torch
from torch import nn

random.seed(31); torch.manual_seed(31)
TOPIC = [[f"t{k}_{i}" for i in range(15)] for k in range(4)]
MOOD = {f"m{i}": (i - 9.5) / 9.5 for i in range(20)}
FILL = [f"f{i}" for i in range(20)]
ids = {w: i for i, w in enumerate([w for t in TOPIC for w in t] + list(MOOD) + FILL)}


@dataclass
class Review:
    words: list
    topic: int
    stars: float


def draw():
    k = random.randrange(4)
    mood = random.choices(list(MOOD), k=3)
    ws = random.choices(TOPIC[k], k=2) + random.choices(TOPIC[random.randrange(4)], k=1) + mood + random.choices(FILL, k=2)
    return Review([ids[w] for w in ws], k, sum(MOOD[m] for m in mood) + random.gauss(0, 0.1))


class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(ids), 16, mode="sum", sparse=True)
        self.trunk = nn.Sequential(nn.Linear(16, 24), nn.ELU())
        self.topic, self.stars = nn.Linear(24, 4), nn.Linear(24, 1)
        self.log_var = nn.Parameter(torch.zeros(2))            # Kendall et al. 2018

    def forward(self, x):
        h = self.trunk(self.bag(x))
        return self.topic(h), self.stars(h).squeeze(-1)

    def joint(self, a, b):
        return (torch.stack([a, b / 2]) * torch.exp(-self.log_var) + self.log_var / 2).sum()


def tensors(rs):
    return torch.tensor([r.words for r in rs]), torch.tensor([r.topic for r in rs]), torch.tensor([r.stars for r in rs])


class Runner:
    def __init__(self, model):
        self.m = model
        dense = [p for n, p in model.named_parameters() if not n.startswith("bag")]
        self.opts = [torch.optim.SparseAdam(model.bag.parameters(), lr=0.02), torch.optim.Adam(dense, lr=0.01)]
        self.scheds = [torch.optim.lr_scheduler.ExponentialLR(o, 0.6) for o in self.opts]

    def epoch(self, x, t, s):
        tot = 0.0
        for i in torch.randperm(len(x)).split(40):
            a, b = self.m(x[i])
            loss = self.m.joint(nn.functional.cross_entropy(a, t[i]), nn.functional.mse_loss(b, s[i]))
            for o in self.opts:
                o.zero_grad()
            loss.backward()
            for o in self.opts:
                o.step()
            tot += loss.item() * len(i) / len(x)
        for sch in self.scheds:
            sch.step()
        return tot

    @torch.no_grad()
    def score(self, x, t, s):
        a, b = self.m(x)
        return "topic %.3f stars R2 %.3f" % ((a.argmax(1) == t).float().mean(), 1 - ((b - s) ** 2).mean() / s.var())


A, B = tensors([draw() for _ in range(3200)]), tensors([draw() for _ in range(600)])
run = Runner(Heads())
for e in range(6):
    print(f"epoch {e} joint {run.epoch(*A):+.3f} | train {run.score(*A)} | held-out {run.score(*B)} | sigma {run.m.log_var.exp().sqrt().tolist()}")
