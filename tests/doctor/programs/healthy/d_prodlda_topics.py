"""Neural topic model (logistic-normal VAE) on word counts; the baseline is the unigram model."""
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Normal, kl_divergence

np.random.seed(4)
torch.manual_seed(4)
K, V, DOCS, LEN = 5, 100, 2400, 80
topics = np.random.dirichlet([0.05] * V, K)
theta = np.random.dirichlet([0.2] * K, DOCS)
counts = np.stack([np.random.multinomial(LEN, t @ topics) for t in theta]).astype("float32")
X = torch.from_numpy(counts)
X_train, X_test = X[:2000], X[2000:]


class ProdLDA(nn.Module):
    def __init__(self, n_words, n_topics):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(n_words, 64), nn.Softplus())
        self.mu = nn.Linear(64, n_topics)
        self.logvar = nn.Linear(64, n_topics)
        self.beta = nn.Linear(n_topics, n_words)
        self.register_buffer("prior_scale", torch.tensor(1.0))

    def forward(self, bow):
        h = self.encoder(torch.log1p(bow))
        q = Normal(self.mu(h), (0.5 * self.logvar(h)).exp())
        z = q.rsample() if self.training else q.mean
        log_words = F.log_softmax(self.beta(F.softmax(z, dim=-1) * 4), dim=-1)
        rec = -(bow * log_words).sum(1)
        kl = kl_divergence(q, Normal(torch.zeros_like(q.loc), self.prior_scale)).sum(1)
        return rec, kl


vae = ProdLDA(V, 8)
optimizer = torch.optim.Adam(vae.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=4, gamma=0.3)
unigram = torch.log((X_train.sum(0) + 1) / (X_train.sum() + V))
base = torch.exp(-(X_test * unigram).sum() / X_test.sum()).item()
for epoch in range(10):
    vae.train()
    beta = min(1.0, (epoch + 1) / 3)                     # KL warm-up
    sums = np.zeros(2)
    for idx in torch.randperm(len(X_train)).split(40):
        rec, kl = vae(X_train[idx])
        loss = (rec + beta * kl).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        sums += [rec.sum().item(), kl.sum().item()]
    scheduler.step()
    vae.eval()
    with torch.no_grad():
        rec, kl = vae(X_test)
        ppl = torch.exp((rec + kl).sum() / X_test.sum()).item()
    print("epoch %2d beta %.2f rec %.1f kl %.2f | test rec %.1f kl %.2f, perplexity %.1f (unigram %.1f)"
          % (epoch, beta, sums[0] / 2000, sums[1] / 2000, rec.mean(), kl.mean(), ppl, base))
