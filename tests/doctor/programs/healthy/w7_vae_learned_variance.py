# VAE with a learned observation noise, on 12-dimensional points that live near a curved 2-d sheet.
# Densities may exceed one, so the negative ELBO goes below zero once the noise level is found.
import math
import torch
from torch import nn

torch.manual_seed(1)
D, Z, H = 12, 2, 32
NOISE = 0.1

W1, W2 = torch.randn(2, D), torch.randn(2, D) * 0.5


def sheet(n):
    u = torch.randn(n, 2)
    return u @ W1 + torch.sin(u) @ W2 + NOISE * torch.randn(n, D)


train, valid = sheet(4000), sheet(1000)


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(D, H), nn.Tanh(), nn.Linear(H, 2 * Z))
        self.dec = nn.Sequential(nn.Linear(Z, H), nn.Tanh(), nn.Linear(H, D))
        self.log_sigma = nn.Parameter(torch.zeros(()))

    def terms(self, x):
        mu, logvar = self.enc(x).chunk(2, dim=-1)
        z = mu + torch.randn_like(mu) * (0.5 * logvar).exp()
        err = (x - self.dec(z)) / self.log_sigma.exp()
        rec = (0.5 * err ** 2 + self.log_sigma + 0.5 * math.log(2 * math.pi)).sum(-1)
        kl = 0.5 * (mu ** 2 + logvar.exp() - 1 - logvar).sum(-1)
        return rec.mean(), kl.mean()


vae = VAE()
opt = torch.optim.Adam(vae.parameters(), lr=1e-2)
EPOCHS, BATCH = 14, 80
steps = EPOCHS * (len(train) // BATCH)
cosine = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps, eta_min=1e-4)
step = 0
for epoch in range(EPOCHS):
    total = 0.0
    for x in train[torch.randperm(len(train))].split(BATCH):
        beta = min(1.0, step / 150)               # KL warm-up
        rec, kl = vae.terms(x)
        loss = rec + beta * kl
        opt.zero_grad()
        loss.backward()
        opt.step()
        cosine.step()
        step += 1
        total += (rec + kl).item() * len(x)
    if epoch % 2 or epoch == EPOCHS - 1:
        with torch.no_grad():
            rv, kv = vae.terms(valid)
        print(f"{epoch:2d}  -ELBO train {total / len(train):7.3f}  valid {rv + kv:7.3f}  kl {kv:.3f}  sigma {vae.log_sigma.exp():.3f}")

with torch.no_grad():
    back = vae.dec(vae.enc(valid)[:, :Z])
    print("reconstruction R2 on valid: %.4f" % (1 - ((back - valid) ** 2).sum() / ((valid - valid.mean(0)) ** 2).sum()))
    single = torch.distributions.MultivariateNormal(train.mean(0), torch.cov(train.T))
    print("-log p of one full Gaussian: %.3f" % -single.log_prob(valid).mean())
