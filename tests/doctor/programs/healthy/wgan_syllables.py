"""WGAN-GP that writes CVCVC words: soft one-hot letters from the generator, critic on the flattened letters."""
import torch
from torch import nn

torch.manual_seed(40)
CONS, VOW = "bdklmnst", "aeiou"
CHARS = CONS + VOW
L, C, Z = 5, len(CHARS), 16


def real(n):
    cons = torch.randint(len(CONS), (n, L))
    vow = torch.randint(len(VOW), (n, L)) + len(CONS)
    ids = torch.where(torch.arange(L) % 2 == 0, cons, vow)
    ids[:, 4] = ids[:, 0]            # first and last consonant agree
    return ids


def quality(ids):
    ok = ((ids < len(CONS)) == (torch.arange(L) % 2 == 0)).all(1)
    return ok.float().mean().item(), (ok & (ids[:, 0] == ids[:, 4])).float().mean().item(), len(ids.unique(dim=0)) / len(ids)


corpus = real(8000)
G = nn.Sequential(nn.Linear(Z, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, L * C))
D = nn.Sequential(nn.Linear(L * C, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
g_opt = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.9))
d_opt = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.9))


def fake(n):
    return (2 * G(torch.randn(n, Z)).view(n, L, C)).softmax(-1).flatten(1)


def penalty(a, b):
    t = torch.rand(len(a), 1)
    mid = (t * a + (1 - t) * b).requires_grad_(True)
    g, = torch.autograd.grad(D(mid).sum(), mid, create_graph=True)
    return ((g.norm(dim=1) - 1) ** 2).mean()


def sample(n):
    with torch.no_grad():
        return fake(n).view(n, L, C).argmax(-1)


print("before: well-formed %.3f, rhyming %.3f, different %.3f" % quality(sample(500)))
for epoch in range(8):
    wd = gl = n = 0
    for k, b in enumerate(torch.randperm(len(corpus)).split(60)):
        x = nn.functional.one_hot(corpus[b], C).float().flatten(1)
        f = fake(len(b)).detach()
        gap = D(x).mean() - D(f).mean()
        d_loss = -gap + 5 * penalty(x, f)
        d_opt.zero_grad(); d_loss.backward(); d_opt.step()
        wd += gap.item(); n += 1
        if k % 2 == 1:
            g_loss = -D(fake(60)).mean()
            g_opt.zero_grad(); g_loss.backward(); g_opt.step()
            gl = g_loss.item()
    print("epoch %d  critic gap %.3f  generator %.3f  " % (epoch + 1, wd / n, gl) +
          "well-formed %.3f, rhyming %.3f, different %.3f" % quality(sample(500)))
print(" ".join("".join(CHARS[c] for c in w) for w in sample(8).tolist()))
