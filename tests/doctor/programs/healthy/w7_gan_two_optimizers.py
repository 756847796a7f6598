"""Small GAN: non-saturating loss, R1 penalty on real points, average of the generator's weights for sampling."""
import copy

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
rng = np.random.default_rng(0)

MIX = np.array([[1.0, 0.0], [0.8, 0.4]])
MEAN = np.array([1.5, -1.0])


def real_points(n):
    return torch.tensor(rng.normal(size=(n, 2)) @ MIX.T + MEAN, dtype=torch.float32)


def mlp(i, o, h=24):
    return nn.Sequential(nn.Linear(i, h), nn.LeakyReLU(0.2), nn.Linear(h, h), nn.LeakyReLU(0.2), nn.Linear(h, o))


def sliced_wasserstein(a, b, n_dir=50):
    th = torch.linspace(0, np.pi, n_dir)
    d = torch.stack([th.cos(), th.sin()])
    return ((a @ d).sort(0).values - (b @ d).sort(0).values).abs().mean().item()


data, held_out = real_points(4000), real_points(2000)
G, Dnet = mlp(2, 2), mlp(2, 1)
G_avg = copy.deepcopy(G).requires_grad_(False)
g_opt = torch.optim.Adam(G.parameters(), lr=2e-3, betas=(0.5, 0.99))
d_opt = torch.optim.Adam(Dnet.parameters(), lr=2e-3, betas=(0.5, 0.99))
STEPS, B, R1 = 600, 128, 0.3
decay = lambda s: 1.0 - 0.9 * s / STEPS
g_sch = torch.optim.lr_scheduler.LambdaLR(g_opt, decay)
d_sch = torch.optim.lr_scheduler.LambdaLR(d_opt, decay)
fixed = torch.randn(2000, 2)
with torch.no_grad():
    print("before: SW distance", round(sliced_wasserstein(G_avg(fixed), held_out), 3))

for step in range(1, STEPS + 1):
    # --- discriminator
    x = data[torch.randint(len(data), (B,))].requires_grad_(True)
    fake = G(torch.randn(B, 2)).detach()
    dx, df = Dnet(x), Dnet(fake)
    grad, = torch.autograd.grad(dx.sum(), x, create_graph=True)
    d_loss = F.softplus(-dx).mean() + F.softplus(df).mean() + 0.5 * R1 * grad.pow(2).sum(1).mean()
    d_opt.zero_grad()
    d_loss.backward()
    d_opt.step()
    # --- generator
    g_loss = F.softplus(-Dnet(G(torch.randn(B, 2)))).mean()
    g_opt.zero_grad()
    g_loss.backward()
    g_opt.step()
    g_sch.step()
    d_sch.step()
    with torch.no_grad():
        for pa, p in zip(G_avg.parameters(), G.parameters()):
            pa.lerp_(p, 0.02)
    if step % 100 == 0:
        with torch.no_grad():
            s = G_avg(fixed)
            print(f"step {step:4d} d_loss {d_loss.item():.3f} g_loss {g_loss.item():.3f} "
                  f"SW train {sliced_wasserstein(s, data[:2000]):.3f} held-out {sliced_wasserstein(s, held_out):.3f}")

print("two real samples are apart by", round(sliced_wasserstein(data[:2000], held_out), 3))
print("mean", s.mean(0).numpy().round(2), "wanted", MEAN)
print("cov", torch.cov(s.T).numpy().round(2).tolist(), "wanted", (MIX @ MIX.T).round(2).tolist())
