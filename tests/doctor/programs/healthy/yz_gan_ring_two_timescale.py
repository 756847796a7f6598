# Hinge-loss GAN on a ring of gaussians; generator / critic with their own Adam (TTUR).
# Evaluated by mode coverage and share of good samples on draws of an EMA copy of the generator.
import copy, math
import torch
from torch import nn

torch.manual_seed(2)
MODES, SIGMA, RADIUS = 4, .2, 1.3
centers = torch.tensor([[RADIUS * math.cos(2 * math.pi * k / MODES), RADIUS * math.sin(2 * math.pi * k / MODES)]
                        for k in range(MODES)])


def real(n):
    return centers[torch.randint(MODES, (n,))] + SIGMA * torch.randn(n, 2)


def quality(s):
    d = torch.cdist(s, centers)
    near, who = d.min(1)
    good = near < 4 * SIGMA
    covered = torch.bincount(who[good], minlength=MODES) / len(s)
    return good.float().mean().item(), int((covered > .3 / MODES).sum())


def mlp(i, o, h=48, act=nn.LeakyReLU):
    return nn.Sequential(nn.Linear(i, h), act(.2), nn.Linear(h, h), act(.2), nn.Linear(h, o))


G, D = mlp(4, 2), mlp(2, 1)
G_avg = copy.deepcopy(G).requires_grad_(False)
g_opt = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(.5, .99))
d_opt = torch.optim.Adam(D.parameters(), lr=2e-3, betas=(.5, .99))
B = 128

for step in range(1, 701):
    if step == 450:
        for o in (g_opt, d_opt):
            o.param_groups[0]["lr"] *= .3
    # critic
    x, fake = real(B), G(torch.randn(B, 4)).detach()
    x.requires_grad_(True)
    dx = D(x)
    r1, = torch.autograd.grad(dx.sum(), x, create_graph=True)
    d_loss = (1 - dx).relu().mean() + (1 + D(fake)).relu().mean() + .1 * r1.pow(2).sum(1).mean()
    d_opt.zero_grad()
    d_loss.backward()
    d_opt.step()
    # generator; its loss may be of either sign
    g_loss = -D(G(torch.randn(B, 4))).mean()
    g_opt.zero_grad()
    g_loss.backward()
    g_opt.step()
    with torch.no_grad():
        for a, b in zip(G_avg.parameters(), G.parameters()):
            a.lerp_(b, .02)
    if step % 100 == 0:
        good, cov = quality(G_avg(torch.randn(1000, 4)))
        print(f"{step} D {d_loss.item():.3f} G {g_loss.item():+.3f}  on-mode {good:.3f}  modes {cov}/{MODES}")

rgood, rcov = quality(real(2000))
good, cov = quality(G_avg(torch.randn(2000, 4)))
print(f"real: {rgood:.3f} {rcov}   generated: {good:.3f} {cov}")
