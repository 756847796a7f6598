"""Neural topic model: VAE on bags of words (made-up corpus with six themes), KL annealed, then a look at the latent space."""
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression

np.random.seed(1)
torch.manual_seed(1)
V, K, LEN = 200, 6, 60
theme_words = np.random.dirichlet(np.full(V, 0.1), K)


def corpus(n):
    main = np.random.randint(K, size=n)
    mix = 0.85 * np.eye(K)[main] + 0.15 * np.random.dirichlet(np.ones(K), n)
    counts = np.stack([np.random.multinomial(LEN, p / p.sum()) for p in mix @ theme_words])
    return torch.tensor(counts, dtype=torch.float32), main


x, main = corpus(3000)
xt, main_t = corpus(500)


class TopicVAE(nn.Module):
    def __init__(self, hidden=64, z=8):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(V, hidden), nn.Softplus())
        self.mu, self.logvar = nn.Linear(hidden, z), nn.Linear(hidden, z)
        self.dec = nn.Sequential(nn.Linear(z, 32), nn.Tanh(), nn.Linear(32, V))

    def forward(self, bow):
        h = self.enc(torch.log1p(bow))
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * (0.5 * logvar).exp() if self.training else mu
        rec = -(bow * F.log_softmax(self.dec(z), dim=1)).sum(1)
        kl = 0.5 * (mu ** 2 + logvar.exp() - 1 - logvar).sum(1)
        return rec.mean(), kl.mean(), mu


unigram = (x.sum(0) + 0.1) / (x.sum(0) + 0.1).sum()
print("per-word perplexity of the unigram model: %.1f" % (-(xt * unigram.log()).sum() / xt.sum()).exp().item())
vae = TopicVAE()
opt = torch.optim.Adam(vae.parameters(), lr=3e-3)
step = 0
for epoch in range(8):
    vae.train()
    sums = np.zeros(2)
    for b in torch.randperm(len(x)).split(50):
        beta = min(1.0, step / 150)
        rec, kl, _ = vae(x[b])
        opt.zero_grad()
        (rec + beta * kl).backward()
        opt.step()
        step += 1
        sums += len(b) * np.array([rec.item(), kl.item()])
    vae.eval()
    with torch.no_grad():
        rt, kt, _ = vae(xt)
    print("epoch %d  train rec %.1f kl %.2f | held-out rec %.1f kl %.2f, bound on perplexity %.1f" % (
        epoch + 1, *(sums / len(x)), rt, kt, np.exp((rt + kt).item() / LEN)))
with torch.no_grad():
    z, zt = vae(x)[2].numpy(), vae(xt)[2].numpy()
clf = LogisticRegression(max_iter=500).fit(z, main)
print("theme read off the latent code: held-out accuracy %.3f" % clf.score(zt, main_t))
