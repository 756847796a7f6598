"""A little VAE over six-letter invented names (three consonant-vowel syllables).

Decoder is not autoregressive: all letters are predicted from z at once, so z has to carry the name.
Objective: Bernoulli-free, categorical per letter, plus beta * KL with a warm-up.
Reported: reconstruction of unseen names, KL, and how many names sampled from the prior are legal.
"""
import itertools
import string

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
LETTERS = string.ascii_lowercase
CONS, VOWELS = "bdfgklmnprstvz", "aeiou"

# vowel harmony: the last vowel repeats the first; third consonant is voiced like the second (b..z order)
names = [a + x + b + y + c + x for a, b in itertools.product(CONS, CONS) for x, y in itertools.product(VOWELS, VOWELS)
         for c in (CONS[(CONS.index(b) + 1) % len(CONS)],)]
data = torch.tensor([[LETTERS.index(ch) for ch in n] for n in names])
data = data[torch.randperm(len(data))]
x_train, x_test = data[:4000], data[4000:]
legal = set(names)


class NameVAE(nn.Module):
    def __init__(self, zdim=10, hid=128, emb=12):
        super().__init__()
        self.embed = nn.Embedding(26, emb)
        self.enc = nn.Sequential(nn.Flatten(), nn.Linear(6 * emb, hid), nn.ReLU(), nn.Linear(hid, 2 * zdim))
        self.dec = nn.Sequential(nn.Linear(zdim, hid), nn.ReLU(), nn.Linear(hid, hid), nn.ReLU(), nn.Linear(hid, 6 * 26))

    def encode(self, x):
        mu, logvar = self.enc(self.embed(x)).chunk(2, dim=-1)
        return mu, logvar

    def decode(self, z):
        return self.dec(z).view(-1, 6, 26)

    def forward(self, x):
        mu, logvar = self.encode(x)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar) if self.training else mu
        return self.decode(z), mu, logvar


def terms(logits, x, mu, logvar):
    rec = F.cross_entropy(logits.flatten(0, 1), x.flatten(), reduction="sum") / len(x)
    kl = 0.5 * (mu.pow(2) + logvar.exp() - 1 - logvar).sum(1).mean()
    return rec, kl


vae = NameVAE()
opt = torch.optim.Adam(vae.parameters(), lr=4e-3)
epochs, bs = 14, 100
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs)
for epoch in range(epochs):
    beta = min(1.0, epoch / 4) * 0.12
    vae.train()
    tot_rec = tot_kl = 0
    for idx in torch.randperm(len(x_train)).split(bs):
        x = x_train[idx]
        logits, mu, logvar = vae(x)
        rec, kl = terms(logits, x, mu, logvar)
        (rec + beta * kl).backward()
        opt.step()
        opt.zero_grad()
        tot_rec += rec.item() * len(x)
        tot_kl += kl.item() * len(x)
    sched.step()
    if epoch % 3 == 0 or epoch == epochs - 1:
        vae.eval()
        with torch.no_grad():
            logits, mu, logvar = vae(x_test)
            rec, kl = terms(logits, x_test, mu, logvar)
            letters = (logits.argmax(-1) == x_test).float().mean()
        print(f"{epoch:2d} beta {beta:.2f} train rec {tot_rec / len(x_train):.3f} kl {tot_kl / len(x_train):.2f} | "
              f"test rec {rec:.3f} kl {kl:.2f} letters right {letters:.3f}")

vae.eval()
with torch.no_grad():
    drawn = vae.decode(torch.randn(500, 10)).argmax(-1)
    words = ["".join(LETTERS[i] for i in r) for r in drawn.tolist()]
print("samples:", words[:8], "legal: %.2f (random letters: %.6f)" % (sum(w in legal for w in words) / 500, len(legal) / 26 ** 6))
