# Mixture density network: inverse problem x = f(t) + noise, predict p(t | x). NLL goes below zero: it is a density.
import math
import numpy as np
import torch
import torch.nn as nn
from torch.distributions import Normal, Categorical, MixtureSameFamily
torch.manual_seed(0)

def data(n):
    t = torch.rand(n, 1)
    x = t + 0.3 * torch.sin(2 * math.pi * t) + 0.02 * torch.randn(n, 1)
    return (x - 0.5) * 3, t

class MDN(nn.Module):
    def __init__(self, k=5, h=48):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(1, h), nn.Tanh(), nn.Linear(h, h), nn.Tanh())
        self.heads = nn.Linear(h, 3 * k)
    def forward(self, x):
        logit, mean, raw = self.heads(self.body(x)).chunk(3, -1)
        return MixtureSameFamily(Categorical(logits=logit), Normal(mean, raw.clamp(-6, 3).exp()))

x, t = data(8000)
xv, tv = data(1000)
m = MDN()
opt = torch.optim.RMSprop(m.parameters(), lr=4e-3)
lr = torch.optim.lr_scheduler.ExponentialLR(opt, 0.55)
marginal = Normal(t.mean(), t.std()).log_prob(tv).mean().neg().item()
print(f"one Gaussian for all: nll {marginal:.3f}")
for ep in range(8):
    m.train(); s = []
    for i in torch.randperm(8000).split(64):
        nll = -m(x[i]).log_prob(t[i, 0]).mean()
        opt.zero_grad(); nll.backward()
        nn.utils.clip_grad_norm_(m.parameters(), 2.0)
        opt.step(); s.append(nll.item())
    lr.step(); m.eval()
    with torch.no_grad():
        v = -m(xv).log_prob(tv[:, 0]).mean().item()
    print(f"{ep + 1:2d} train nll {np.mean(s):+.3f} valid nll {v:+.3f}")
