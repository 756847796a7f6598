# Neural topic model (ProdLDA-like) on bags of words of sermons; checks: perplexity on unseen sermons against a unigram
# model, and whether the most active latent topic agrees with the lectionary's theme.
import torch, numpy as np
from torch import nn
from torch.distributions import Normal, kl_divergence

torch.manual_seed(13); np.random.seed(13)
V, K_TRUE, K = 160, 5, 8
beta = np.random.dirichlet(np.ones(V) * .08, K_TRUE)
theta = np.random.dirichlet(np.ones(K_TRUE) * .15, 1600)
docs = np.stack([np.random.multinomial(np.random.randint(40, 120), t @ beta) for t in theta]).astype("float32")
theme = torch.tensor(theta.argmax(1))
bow = torch.from_numpy(docs)
train, test = bow[:1300], bow[1300:]


class TopicVAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(V, 64), nn.Softplus(), nn.Linear(64, 2 * K))
        self.topics = nn.Linear(K, V)

    def posterior(self, x):
        mu, lv = self.enc(torch.log1p(x)).chunk(2, 1)
        return Normal(mu, (.5 * lv).exp())

    def elbo(self, x, warm=1.0):
        q = self.posterior(x)
        z = q.rsample() if self.training else q.mean
        logp = self.topics(z).log_softmax(1)
        ll = (x * logp).sum(1)
        kl = kl_divergence(q, Normal(0., 1.)).sum(1)
        return ll - warm * kl, ll


vae = TopicVAE()
opt = torch.optim.Adam(vae.parameters(), lr=1e-2)
EPOCHS = 10
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 2e-2, epochs=EPOCHS, steps_per_epoch=26)
for ep in range(EPOCHS):
    vae.train()
    warm = min(1., (ep + 1) / 4)                                 # KL annealing
    for b in torch.randperm(1300).split(50):
        e, _ = vae.elbo(train[b], warm)
        loss = -e.mean()
        opt.zero_grad()
        loss.backward()
        opt.step(); sched.step()
    vae.eval()
    with torch.no_grad():
        ppl = [torch.exp(-vae.elbo(s)[0].sum() / s.sum()).item() for s in (train, test)]
    if ep % 2: print(f"{ep + 1:2d}  bound {-loss.item():8.1f}  perplexity train {ppl[0]:.1f} test {ppl[1]:.1f}")

uni = (train.sum(0) + .1) / (train.sum() + .1 * V)
print("unigram perplexity on test %.1f" % torch.exp(-(test * uni.log()).sum() / test.sum()))
with torch.no_grad():
    m = vae.posterior(bow).mean
centre = torch.stack([m[:1300][theme[:1300] == k].mean(0) for k in range(K_TRUE)])
near = torch.cdist(m[1300:], centre).argmin(1)
print("theme from latent means, unseen sermons: %.3f" % (near == theme[1300:]).float().mean())
