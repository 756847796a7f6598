"""Wasserstein GAN with gradient penalty on word vectors: the generator learns the cloud of GloVe words (first 4 PCs).

Judged by the sliced Wasserstein distance to words that were never shown to the critic.
"""
import copy, gzip, os
import numpy as np
import torch
from torch import nn, autograd

torch.manual_seed(0)
np.random.seed(0)

fn = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
with gzip.open(fn, "rt", encoding="utf-8") as f:
    vec = np.array([l.split()[1:] for _, l in zip(range(5000), f)], dtype=np.float32)
vec -= vec.mean(0)
_, _, vt = np.linalg.svd(vec, full_matrices=False)
pts = vec @ vt[:4].T
pts /= pts.std()
np.random.shuffle(pts)
real, held = torch.from_numpy(pts[:4000]), torch.from_numpy(pts[4000:])

G = nn.Sequential(nn.Linear(4, 48), nn.LeakyReLU(.2), nn.Linear(48, 48), nn.LeakyReLU(.2), nn.Linear(48, 4))
D = nn.Sequential(nn.Linear(4, 64), nn.LeakyReLU(.2), nn.Linear(64, 64), nn.LeakyReLU(.2), nn.Linear(64, 1))
G_avg = copy.deepcopy(G).requires_grad_(False)      # averaged weights, used for sampling
opt_g = torch.optim.Adam(G.parameters(), lr=2e-3, betas=(0.0, 0.9))
opt_d = torch.optim.Adam(D.parameters(), lr=2e-3, betas=(0.0, 0.9))

dirs = nn.functional.normalize(torch.randn(4, 100), dim=0)


@torch.no_grad()
def sliced(a, b):
    pa, _ = (a @ dirs).sort(0)
    pb, _ = (b @ dirs).sort(0)
    return (pa - pb).abs().mean().item()


@torch.no_grad()
def fake(n, net=G):
    return net(torch.randn(n, 4))


def penalty(x, z):
    u = torch.rand(len(x), 1)
    mid = (u * x + (1 - u) * z).requires_grad_()
    g, = autograd.grad(D(mid).sum(), mid, create_graph=True)
    return ((g.pow(2).sum(1) + 1e-12).sqrt() - 1).pow(2).mean()


print(f"two real halves  {sliced(real[:1000], held):.3f}    untrained  {sliced(fake(1000), held):.3f}")
STEPS, N_CRITIC, B = 250, 4, 128
for step in range(1, STEPS + 1):
    for _ in range(N_CRITIC):
        x = real[torch.randint(len(real), (B,))]
        z = fake(B)
        loss_d = D(z).mean() - D(x).mean() + 5 * penalty(x, z)
        opt_d.zero_grad()
        loss_d.backward()
        opt_d.step()
    loss_g = -D(G(torch.randn(B, 4))).mean()
    opt_g.zero_grad()
    loss_g.backward()
    opt_g.step()
    with torch.no_grad():
        for a, p in zip(G_avg.parameters(), G.parameters()):
            a.lerp_(p, 0.04)
    for o in (opt_g, opt_d):                      # linear decay
        o.param_groups[0]["lr"] = 2e-3 * (1 - step / STEPS) + 1e-5
    if step % 50 == 0:
        print(f"{step:4d}  critic {loss_d.item():+.3f}  gen {loss_g.item():+.3f}  sliced W (held-out words) {sliced(fake(1000, G_avg), held):.3f}")
