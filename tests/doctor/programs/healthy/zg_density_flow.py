"""Affine-coupling flow for 4-d formant vectors; reports log-likelihood.  The loss (negative log density of
small-scaled features) goes well below zero."""
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(31)
rs = np.random.RandomState(31)


def formants(n):
    k = rs.randint(0, 3, n)
    means = np.array([[.30, .90, .25, .35], [.70, .40, .50, .30], [.45, .60, .75, .60]])
    a = rs.randn(n, 1)
    x = means[k] + 0.06 * a * np.array([1, -1, .5, .5]) + 0.02 * rs.randn(n, 4)
    return torch.tensor(x, dtype=torch.float32)


class Coupling(nn.Module):
    def __init__(self, flip):
        super().__init__()
        self.flip = flip
        self.net = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 4))
        nn.init.zeros_(self.net[2].weight); nn.init.zeros_(self.net[2].bias)    # starts as the identity

    def forward(self, x):
        a, b = x.chunk(2, 1)
        if self.flip:
            a, b = b, a
        s, t = self.net(a).chunk(2, 1)
        s = 2 * torch.tanh(s)
        b = (b - t) * torch.exp(s)
        out = torch.cat([b, a] if self.flip else [a, b], 1)
        return out, s.sum(1)


class Flow(nn.Module):
    def __init__(self, data):
        super().__init__()
        self.register_buffer("mu", data.mean(0)); self.register_buffer("sd", data.std(0))
        self.layers = nn.ModuleList(Coupling(i % 2 == 1) for i in range(6))

    def log_prob(self, x):
        logdet = -self.sd.log().sum()
        z = (x - self.mu) / self.sd
        for layer in self.layers:
            z, ld = layer(z)
            logdet = logdet + ld
        return -0.5 * (z ** 2 + np.log(2 * np.pi)).sum(1) + logdet


train, dev = formants(2000), formants(500)
flow = Flow(train)
opt = torch.optim.Adam(flow.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 12 * 20)
gauss = torch.distributions.MultivariateNormal(train.mean(0), torch.tensor(np.cov(train.numpy().T), dtype=torch.float32))
print("single Gaussian, dev log-lik", round(gauss.log_prob(dev).mean().item(), 3))
for epoch in range(12):
    total = 0
    for idx in torch.randperm(2000).view(20, 100):
        loss = -flow.log_prob(train[idx]).mean()
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(flow.parameters(), 2.0)
        opt.step()
        sched.step()
        total += loss.item() / 20
    with torch.no_grad():
        print(f"epoch {epoch:2d} loss {total:.3f} dev log-lik {flow.log_prob(dev).mean().item():.3f}")
