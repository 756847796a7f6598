"""Neural topic model: bag of words through a Gaussian bottleneck, reconstruction plus KL with a warm-up."""
import random

import torch
import torch.nn.functional as F
from torch import nn

random.seed(8)
torch.manual_seed(8)
K, V = 4, 48
topics = torch.full((K, V), 0.02)
for k in range(K):
    topics[k, 12 * k:12 * k + 12] = 1.0
topics /= topics.sum(1, keepdim=True)


def documents(n):
    mix = torch.distributions.Dirichlet(torch.full((K,), 0.15)).sample((n,))
    return torch.distributions.Multinomial(40, mix @ topics).sample(), mix.argmax(1)


class TopicModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(V, 48), nn.Softplus())
        self.mu, self.logvar = nn.Linear(48, K), nn.Linear(48, K)
        self.beta = nn.Linear(K, V)

    def forward(self, x):
        h = self.enc(x / x.sum(1, keepdim=True) * 10)
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * (0.5 * logvar).exp() if self.training else mu
        return self.beta(z).log_softmax(1), mu, logvar


x, _ = documents(1200)
xt, kt = documents(300)
model = TopicModel()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(14):
    model.train()
    warm = min(1.0, epoch / 8)
    total = 0.0
    for b in torch.randperm(1200).split(60):
        logp, mu, logvar = model(x[b])
        rec = -(x[b] * logp).sum(1).mean()
        kl = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1).mean()
        loss = rec + warm * kl
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    if epoch % 3 == 1:
        model.eval()
        with torch.no_grad():
            logp, mu, _ = model(xt)
            perp = (-(xt * logp).sum() / xt.sum()).exp()
        print(f"epoch {epoch + 1} negative bound {total / 20:.2f} kl {kl.item():.2f} test perplexity {perp:.2f}")
