'''
Generative moment matching (Li, Swersky, Zemel 2015): a generator with no critic.
The unbiased MMD^2 estimate is centred at zero when both sides agree, so half of the printed values are negative at the end.
'''
import torch
from torch import nn

torch.manual_seed(7)

def real(n):
    a = torch.randn(n, 2) * torch.tensor([1., .3])
    return torch.stack([a[:, 0], a[:, 1] + .6 * a[:, 0] ** 2 - .6], 1)

def kern(a, b):
    d = ((a[:, None] - b[None]) ** 2).sum(-1)
    return sum(torch.exp(-d / (2 * s * s)) for s in (.3, 1., 3.))

def mmd2(x, y):
    n, m = len(x), len(y)
    kx, ky = kern(x, x), kern(y, y)
    return (kx.sum() - kx.diagonal().sum()) / (n * (n - 1)) + (ky.sum() - ky.diagonal().sum()) / (m * (m - 1)) - 2 * kern(x, y).mean()

def sliced(a, b, n=24):
    th = torch.arange(n) * torch.pi / n
    w = torch.stack([th.cos(), th.sin()])
    return ((a @ w).sort(0)[0] - (b @ w).sort(0)[0]).abs().mean().item()

G = nn.Sequential(nn.Linear(2, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, 2))
opt = torch.optim.Adam(G.parameters(), lr=1e-2)
STEPS, B = 240, 150
sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, STEPS)
held, fixed = real(2000), torch.randn(2000, 2)
with torch.no_grad():
    print('untrained W1 %.3f   real vs real %.3f' % (sliced(G(fixed), held), sliced(real(2000), held)))
for step in range(1, STEPS + 1):
    loss = mmd2(G(torch.randn(B, 2)), real(B))
    opt.zero_grad()
    loss.backward()
    opt.step()
    sch.step()
    if step % 30 == 0:
        with torch.no_grad():
            print('step %3d mmd2 %+.5f  W1 %.3f' % (step, loss.item(), sliced(G(fixed), held)))
