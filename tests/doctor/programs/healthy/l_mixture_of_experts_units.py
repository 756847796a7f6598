"""Four tiny experts and a gate: convert measurements in words ("three kilo in pounds") to log of the number.

Which conversion is asked for decides the slope, so one linear map cannot do it. Gate entropy + load balance are part of the
loss, which is a Gaussian likelihood with learned variance and therefore ends below zero.
"""
import torch, random
from torch import nn
import numpy as np

random.seed(31); torch.manual_seed(31)
NUM = {w: i + 1 for i, w in enumerate("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split())}
BIG = {"dozen": 12., "hundred": 100., "": 1., "score": 20.}
UNIT = {("kilo", "pounds"): 2.205, ("mile", "metres"): 1609., ("inch", "metres"): .0254, ("pint", "litres"): .473,
        ("ounce", "pounds"): .0625, ("foot", "metres"): .305, ("gallon", "litres"): 3.785, ("stone", "pounds"): 14.}
POLITE = [[], ["please"], ["how", "much", "is"], ["tell", "me"], ["well", "so"], ["could", "you", "say"], ["what", "is"], ["convert"], ["hello"], ["quickly"]]


def ask():
    n, b, (u, v) = random.choice(list(NUM)), random.choice(list(BIG)), random.choice(list(UNIT))
    text = random.choice(POLITE) + [n] + ([b] if b else []) + [u, "in", v]
    value = float(np.log10(NUM[n] * BIG[b] * UNIT[u, v]))
    if random.random() < .5:
        text, value = ["minus"] + text, -value
    return text, value + random.gauss(0, .05)


data = list({" ".join(t): (t, v) for t, v in (ask() for _ in range(4200))}.values())[:3600]
itos = sorted({w for t, _ in data[:3000] for w in t})
stoi = {w: i for i, w in enumerate(itos)}
L = len(itos)
B = torch.zeros(len(data), L)                  # presence of words, no order is needed here
for i, (t, _) in enumerate(data):
    for w in t:
        B[i, stoi[w]] = 1.
y = torch.tensor([v for _, v in data])
tr, te = slice(0, 3000), slice(3000, None)


class MoE(nn.Module):
    def __init__(self, n=4):
        super().__init__()
        self.gate = nn.Linear(L, n)
        self.experts = nn.ModuleList([nn.Linear(L, 1) for _ in range(n)])
        self.log_sigma = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        g = torch.softmax(self.gate(x), dim=-1)
        out = torch.cat([e(x) for e in self.experts], dim=-1)
        return (g * out).sum(-1), g


model = MoE()
adam = torch.optim.Adam(model.parameters(), lr=5e-2)
lr = torch.optim.lr_scheduler.CosineAnnealingLR(adam, 8)
for epoch in range(8):
    losses = []
    for idx in torch.randperm(3000).split(50):
        mu, g = model(B[idx])
        nll = (.5 * ((y[idx] - mu) / model.log_sigma.exp()) ** 2 + model.log_sigma).mean()
        load = g.mean(0)
        balance = (load * (load * len(load)).log()).sum()          # KL of the mean load to uniform
        loss = nll + .05 * balance
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    lr.step()
    with torch.no_grad():
        mu, g = model(B)
        r2 = [1 - ((mu[s] - y[s]) ** 2).mean() / y[s].var() for s in (tr, te)]
    print(f"epoch {epoch} loss {np.mean(losses):+.3f} sigma {model.log_sigma.exp().item():.3f} R2 train {r2[0].item():.4f} test {r2[1].item():.4f} "
          f"load {[round(v, 2) for v in g.mean(0).tolist()]}")
