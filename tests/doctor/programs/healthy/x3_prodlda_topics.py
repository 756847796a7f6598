"""ProdLDA-like topic VAE on made-up documents (no padding, documents are count vectors)."""
import torch
from torch import nn
from torch.distributions import Normal, kl_divergence

torch.manual_seed(6)
K, V, WORDS = 5, 120, 60


def true_topics():
    t = torch.full((K, V), 0.1)
    for k in range(K):
        t[k, k * 24:(k + 1) * 24] = 4 * torch.rand(24) + 1
    return t / t.sum(1, keepdim=True)


beta = true_topics()[:, torch.randperm(V)]
alpha = torch.distributions.Dirichlet(torch.full((K,), 0.3))


def docs(n):
    theta = alpha.sample((n,))
    ids = torch.multinomial(theta @ beta, WORDS, replacement=True)
    return torch.zeros(n, V).scatter_add_(1, ids, torch.ones(n, WORDS)), theta


class TopicVAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(V, 64), nn.Softplus())
        self.loc, self.log_scale = nn.Linear(64, K), nn.Linear(64, K)
        self.topics = nn.Linear(K, V)

    def posterior(self, x):
        h = self.body(torch.log1p(x))
        return Normal(self.loc(h), self.log_scale(h).clamp(-6, 3).exp())

    def forward(self, x):
        q = self.posterior(x)
        z = q.rsample() if self.training else q.mean
        logp = self.topics(z.softmax(-1)).log_softmax(-1)
        recon = -(x * logp).sum(-1)
        kl = kl_divergence(q, Normal(0.0, 1.5)).sum(-1)
        return recon, kl


train, _ = docs(3000)
test, theta = docs(500)
vae = TopicVAE()
optim = torch.optim.Adam(vae.parameters(), lr=6e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(optim, max_lr=8e-3, total_steps=14 * 60)
unigram = (train.sum(0) / train.sum()).log()
print(f"unigram perplexity {(-(test * unigram).sum() / test.sum()).exp():.1f}, "
      f"true model {(-(test * (theta @ beta).log()).sum() / test.sum()).exp():.1f}")
for epoch in range(14):
    vae.train()
    warm = min(1.0, (epoch + 1) / 4)
    sums = [0.0, 0.0]
    for x in train[torch.randperm(3000)].split(50):
        recon, kl = vae(x)
        loss = (recon + warm * kl).mean()
        optim.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(vae.parameters(), 20.0)
        optim.step()
        sched.step()
        sums[0] += recon.mean().item() / 60
        sums[1] += kl.mean().item() / 60
    if epoch % 3 == 1:
        vae.eval()
        with torch.no_grad():
            recon, kl = vae(test)
        print(f"epoch {epoch + 1:2d} recon {sums[0]:.1f} kl {sums[1]:.2f} | test perplexity {(recon.sum() / test.sum()).exp():.1f} kl {kl.mean():.2f}")
with torch.no_grad():
    print(f"train perplexity {(vae(train)[0].sum() / train.sum()).exp():.1f}")
    mean = vae.posterior(test).mean.argmax(-1)
    gold = theta.argmax(-1)
    purity = sum(torch.bincount(gold[mean == k], minlength=K).max().item() for k in range(K)) / len(gold)
print(f"purity of the main topic {purity:.3f}")
