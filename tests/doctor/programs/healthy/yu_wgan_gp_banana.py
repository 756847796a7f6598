# improved WGAN (Gulrajani et al. 2017) on a bent Gaussian
import torch
from torch import nn, autograd

torch.manual_seed(0)
Z, LAMBDA, N_CRITIC, BATCH, ITERS = 4, 0.1, 3, 128, 220


def real_sample(n):
    x = torch.randn(n)
    return torch.stack([x, 0.5 * x * x - 0.5 + 0.3 * torch.randn(n)], 1)


def mlp(i, o):
    return nn.Sequential(nn.Linear(i, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, o))


G, D = mlp(Z, 2), mlp(2, 1)
optG = torch.optim.Adam(G.parameters(), lr=2e-3, betas=(0.0, 0.9))
optD = torch.optim.Adam(D.parameters(), lr=2e-3, betas=(0.0, 0.9))
decay = [torch.optim.lr_scheduler.LambdaLR(o, lambda s: 1 - 0.95 * max(0, s / ITERS - 0.5) * 2) for o in (optG, optD)]
avg = [p.detach().clone() for p in G.parameters()]


def penalty(a, b):
    eps = torch.rand(len(a), 1)
    x = (eps * a + (1 - eps) * b).requires_grad_(True)
    g, = autograd.grad(D(x).sum(), x, create_graph=True)
    return ((g.norm(dim=1) - 1) ** 2).mean()


def energy_distance(a, b):
    return (2 * torch.cdist(a, b).mean() - torch.cdist(a, a).mean() - torch.cdist(b, b).mean()).item()


def bend(x):
    return torch.corrcoef(torch.stack([x[:, 0] ** 2, x[:, 1]]))[0, 1].item()


holdout = real_sample(1000)
with torch.no_grad():
    print('start: energy distance %.3f' % energy_distance(G(torch.randn(1000, Z)), holdout),
          '(two real samples: %.4f)' % energy_distance(real_sample(1000), holdout))
for it in range(1, ITERS + 1):
    for _ in range(N_CRITIC):
        x, fake = real_sample(BATCH), G(torch.randn(BATCH, Z)).detach()
        w = D(x).mean() - D(fake).mean()
        d_loss = -w + LAMBDA * penalty(x, fake)
        optD.zero_grad()
        d_loss.backward()
        optD.step()
    g_loss = -D(G(torch.randn(BATCH, Z))).mean()
    optG.zero_grad()
    g_loss.backward()
    optG.step()
    for s in decay:
        s.step()
    with torch.no_grad():
        for a, p in zip(avg, G.parameters()):
            a.lerp_(p, 0.05)
    if it % 44 == 0:
        with torch.no_grad():
            out = G(torch.randn(1000, Z))
            print(f'{it:4d} W {w.item():.3f} critic {d_loss.item():+.3f} gen {g_loss.item():+.3f} '
                  f'energy distance {energy_distance(out, holdout):.4f} bend {bend(out):.2f} (real {bend(holdout):.2f})')

with torch.no_grad():
    for a, p in zip(avg, G.parameters()):
        p.copy_(a)
    out = G(torch.randn(1000, Z))
    print(f'averaged generator: energy distance {energy_distance(out, holdout):.4f}, bend {bend(out):.2f}')
