"""GAN-like pair: a generator of averaged sentence vectors against a discriminator; the losses hover, the moments match."""
import random

import torch
import torch.nn as nn

random.seed(11); torch.manual_seed(11)
words = ["w%02d" % i for i in range(60)]
table = torch.randn(60, 8) * 0.5
table[:30, 0] += 1.0


def real(n):
    picks = torch.randint(0, 60, (n, 12))
    return nn.functional.embedding(picks, table).sum(1) / 2


gen = nn.Sequential(nn.Linear(6, 32), nn.LeakyReLU(0.2), nn.Linear(32, 8))
disc = nn.Sequential(nn.Linear(8, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
g_opt = torch.optim.Adam(gen.parameters(), lr=1e-3, betas=(0.5, 0.9))
d_opt = torch.optim.Adam(disc.parameters(), lr=2e-3, betas=(0.5, 0.9))
bce = nn.BCEWithLogitsLoss()
for step in range(900):
    x = real(64)
    fake = gen(torch.randn(64, 6))
    d_loss = bce(disc(x), torch.full((64, 1), 0.9)) + bce(disc(fake.detach()), torch.zeros(64, 1))
    d_opt.zero_grad()
    d_loss.backward()
    d_opt.step()
    g_loss = bce(disc(fake), torch.ones(64, 1))
    g_opt.zero_grad()
    g_loss.backward()
    g_opt.step()
    if step % 150 == 149:
        with torch.no_grad():
            gap = (gen(torch.randn(2000, 6)).mean(0) - real(2000).mean(0)).norm().item()
        print(f"step {step + 1} d {d_loss.item():.3f} g {g_loss.item():.3f} distance of means {gap:.4f}")
