"""Neural topic model (ProdLDA-like VAE) on invented forum posts.  The ELBO is what we maximise; topics are read off the decoder."""
import numpy as np
import torch
from torch import nn
from torch.distributions import Normal, kl_divergence
from torch.nn import functional as F

rng = np.random.default_rng(8)
torch.manual_seed(8)
K, PER, COMMON, DOCS = 4, 25, 20, 2500
words = [f"{t}{i}" for t in ("bike", "cook", "game", "moon") for i in range(PER)] + [f"the{i}" for i in range(COMMON)]
V = len(words)
beta = np.full((K, V), 0.0)
for k in range(K):
    beta[k, k * PER:(k + 1) * PER] = rng.dirichlet(np.full(PER, 0.7)) * 0.7
beta[:, K * PER:] = rng.dirichlet(np.full(COMMON, 1.0)) * 0.3
theta = rng.dirichlet(np.full(K, 0.15), size=DOCS)
counts = torch.tensor(np.stack([rng.multinomial(rng.integers(30, 60), t @ beta) for t in theta]), dtype=torch.float32)
main_topic = theta.argmax(1)
cut = 2000
true_ll = float((counts[cut:] * torch.tensor(theta[cut:] @ beta, dtype=torch.float32).clamp_min(1e-9).log()).sum() / counts[cut:].sum())
unigram = (counts[:cut].sum(0) + 0.1) / (counts[:cut] + 0.1 / cut).sum()
uni_ll = float((counts[cut:] * unigram.log()).sum() / counts[cut:].sum())


class TopicVAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(V, 40), nn.Softplus())
        self.mu, self.logsd = nn.Linear(40, K), nn.Linear(40, K)
        self.beta = nn.Linear(K, V)                       # topics in logit space, bias = background

    def posterior(self, x):
        h = self.enc(torch.log1p(x))
        return Normal(self.mu(h), self.logsd(h).clamp(-4, 2).exp())

    def forward(self, x):
        q = self.posterior(x)
        z = q.rsample() if self.training else q.mean
        logp = self.beta(z.softmax(-1)).log_softmax(-1)
        return (x * logp).sum(1), kl_divergence(q, Normal(0., 3.)).sum(1)


net = TopicVAE()
opt = torch.optim.Adam(net.parameters(), lr=0.03, betas=(0.9, 0.99))
for epoch in range(30):
    net.train()
    weight = min(1.0, (epoch + 1) / 5)                    # KL annealing
    stats = []
    for idx in torch.randperm(cut).split(100):
        ll, kl = net(counts[idx])
        elbo = (ll - weight * kl).mean()
        opt.zero_grad()
        (-elbo).backward()
        opt.step()
        stats.append((elbo.item(), kl.mean().item()))
    opt.param_groups[0]["lr"] *= 0.93
    if epoch % 5 == 4:
        net.eval()
        with torch.no_grad():
            res = [(net(c)[0].sum() / c.sum()).item() for c in (counts[:cut], counts[cut:])]
        print("epoch %2d elbo %.2f kl %.2f | log-likelihood per word train %.4f held out %.4f" % (epoch + 1, *np.mean(stats, 0), *res))
print(f"reference: unigram {uni_ll:.4f}, true mixture {true_ll:.4f}")

with torch.no_grad():
    assign = net.posterior(counts[cut:]).mean.argmax(1).numpy()
    for k, row in enumerate(net.beta.weight.t()):
        print(f"topic {k}:", *[words[i] for i in row.topk(6).indices])
table = np.zeros((K, K), int)
np.add.at(table, (assign, main_topic[cut:]), 1)
print("purity of held-out documents %.3f" % (table.max(1).sum() / table.sum()))
