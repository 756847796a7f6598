'''Letter VAE: eight-letter-or-shorter English words (GloVe vocabulary) through a small latent code.
Held-out words: bits per letter of the ELBO against the per-position letter frequencies.'''
import gzip, math, os
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(42)
L, C = 7, 27                       # letters a-z and an end/blank sign
with gzip.open(os.path.join(os.environ['WORDFIT_DATA'], 'vectors/glove.6B.50d.top10361.txt.gz'), 'rt', encoding='utf-8') as f:
    words = [line.split(' ', 1)[0] for line in f]
words = [w for w in words if w.isascii() and w.isalpha() and 3 <= len(w) <= L]
x = torch.tensor([[ord(c) - 97 for c in w] + [26] * (L - len(w)) for w in words])
perm = torch.randperm(len(x))
x_test, x_train = x[perm[:600]], x[perm[600:]]


class LetterVAE(nn.Module):
    def __init__(self, z=16, h=128):
        super().__init__()
        self.letters = nn.Embedding(C, 12)
        self.enc = nn.Sequential(nn.Linear(L * 12, h), nn.ELU(), nn.Linear(h, 2 * z))
        self.dec = nn.Sequential(nn.Linear(z, h), nn.ELU(), nn.Linear(h, L * C))

    def encode(self, x):
        return self.enc(self.letters(x).flatten(1)).chunk(2, dim=1)

    def forward(self, x, samples=1):
        mu, logvar = self.encode(x)
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
        out = self.dec(z).view(-1, L, C)
        rec = F.cross_entropy(out.transpose(1, 2), x, reduction='none').sum(1)   # blanks are part of the word here
        kl = -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(1)
        return rec, kl, out


def bits(model, x):
    model.eval()
    with torch.no_grad():
        r, k, o = model(x)
    return (r + k).mean().item() / L / math.log(2), k.mean().item(), (o.argmax(2) == x).float().mean().item()


freq = F.one_hot(x_train, C).float().mean(0) + 1e-4
base = -torch.log2(freq / freq.sum(1, keepdim=True)).unsqueeze(0).expand(len(x_test), -1, -1).gather(2, x_test.unsqueeze(2)).mean()
print(f'{len(x_train)} words, position-wise frequencies: {base:.3f} bits per letter')

vae = LetterVAE()
opt = torch.optim.Adam(vae.parameters(), lr=4e-3)
EPOCHS = 8
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 6e-3, epochs=EPOCHS, steps_per_epoch=(len(x_train) + 63) // 64, pct_start=0.1)
for e in range(EPOCHS):
    vae.train()
    beta = min(1.0, 0.25 + 0.25 * e)           # KL is switched on by degrees
    for b in torch.randperm(len(x_train)).split(64):
        rec, kl, _ = vae(x_train[b])
        loss = (rec + beta * kl).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
    te, k, acc = bits(vae, x_test)
    print(f'epoch {e} beta {beta:.2f}  train {bits(vae, x_train[:1000])[0]:.3f}  test {te:.3f} bits/letter  KL {k:.2f}  letters right {acc:.3f}')
