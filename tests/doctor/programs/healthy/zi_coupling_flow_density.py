# Density of detector hits (mm scale, so densities > 1 and the NLL falls below zero). RealNVP, 2-d.
import math
import torch
from torch import nn

torch.manual_seed(4)


def hits(n):
    t = torch.rand(n) * math.pi
    up = torch.rand(n) < 0.5
    x = torch.where(up, torch.cos(t), 1 - torch.cos(t))
    y = torch.where(up, torch.sin(t), 0.5 - torch.sin(t))
    return 0.1 * (torch.stack([x - .5, y - .25], 1) + 0.08 * torch.randn(n, 2))


class Coupling(nn.Module):
    def __init__(self, first):
        super().__init__()
        self.first = first
        self.net = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 2))
        nn.init.zeros_(self.net[2].weight)       # every layer begins as the identity
        nn.init.zeros_(self.net[2].bias)

    def forward(self, x):
        a, b = (x[:, :1], x[:, 1:]) if self.first else (x[:, 1:], x[:, :1])
        s, t = self.net(a).chunk(2, -1)
        s = 2 * torch.tanh(s)
        b = b * s.exp() + t
        out = torch.cat([a, b] if self.first else [b, a], 1)
        return out, s.squeeze(1)


class Flow(nn.Module):
    def __init__(self, depth=6):
        super().__init__()
        self.layers = nn.ModuleList(Coupling(i % 2 == 0) for i in range(depth))
        self.register_buffer("scale", torch.ones(2))

    def log_prob(self, x):
        z, ld = x / self.scale, -self.scale.log().sum()
        for l in self.layers:
            z, d = l(z)
            ld = ld + d
        return ld - 0.5 * (z ** 2).sum(1) - math.log(2 * math.pi)


train, test = hits(4000), hits(1000)
gauss = torch.distributions.MultivariateNormal(train.mean(0), train.T.cov())
print(f"gaussian fit: test nll {-gauss.log_prob(test).mean():.3f}")
flow = Flow()
flow.scale.copy_(train.std(0))
opt = torch.optim.Adam(flow.parameters(), lr=1e-2)
EPOCHS = 10
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * 40)
for ep in range(EPOCHS):
    for xb in train[torch.randperm(len(train))].split(100):
        nll = -flow.log_prob(xb).mean()
        opt.zero_grad()
        nll.backward()
        nn.utils.clip_grad_norm_(flow.parameters(), 5.0)
        opt.step()
        sched.step()
    with torch.no_grad():
        print(f"epoch {ep} nll train {-flow.log_prob(train).mean():.3f} test {-flow.log_prob(test).mean():.3f}")
