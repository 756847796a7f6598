#!/usr/bin/env python
"""Neural variational document model (Miao et al.), 8 latent dims, bag-of-words likelihood, KL warm-up."""
import argparse
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.distributions import Normal, kl_divergence

p = argparse.ArgumentParser()
p.add_argument("--z", type=int, default=8)
p.add_argument("--epochs", type=int, default=9)
p.add_argument("--seed", type=int, default=11)
args = p.parse_args()
torch.manual_seed(args.seed)

V, K, DOC = 200, 6, 60


def corpus(n, beta):
    theta = torch.distributions.Dirichlet(torch.full((K,), 0.2)).sample((n,))
    counts = torch.distributions.Multinomial(DOC, probs=theta @ beta).sample()
    return counts, theta.argmax(1)


beta = torch.distributions.Dirichlet(torch.full((V,), 0.05)).sample((K,))
x_train, y_train = corpus(3000, beta)
x_dev, y_dev = corpus(800, beta)


class NVDM(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(V, 64), nn.Softplus())
        self.mu = nn.Linear(64, args.z)
        self.logsig = nn.Linear(64, args.z)
        nn.init.zeros_(self.logsig.weight)
        nn.init.constant_(self.logsig.bias, -1.)
        self.dec = nn.Linear(args.z, V)

    def posterior(self, x):
        h = self.enc(torch.log1p(x))
        return Normal(self.mu(h), self.logsig(h).exp())

    def elbo(self, x):
        q = self.posterior(x)
        z = q.rsample() if self.training else q.mean
        rec = -(x * F.log_softmax(self.dec(z), -1)).sum(-1)
        kl = kl_divergence(q, Normal(0., 1.)).sum(-1)
        return rec, kl


model = NVDM()
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, args.epochs)


@torch.no_grad()
def ppl(x):
    model.eval()
    rec, kl = model.elbo(x)
    model.train()
    return ((rec + kl).sum() / x.sum()).exp().item(), kl.mean().item()


unigram = x_train.sum(0) / x_train.sum()
print("unigram ppl %.1f" % (-(x_dev.sum(0) * (unigram + 1e-6).log()).sum() / x_dev.sum()).exp())
for epoch in range(args.epochs):
    warm = min(1.0, (epoch + 1) / 3)
    for idx in torch.randperm(len(x_train)).split(100):
        rec, kl = model.elbo(x_train[idx])
        loss = (rec + warm * kl).mean()
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
    sched.step()
    tr, dv = ppl(x_train), ppl(x_dev)
    print(f"{epoch:2d} beta {warm:.1f} train ppl {tr[0]:.2f} dev ppl {dv[0]:.2f} dev kl {dv[1]:.2f}")

# the latent means should tell the dominant topic
from sklearn.linear_model import LogisticRegression
model.eval()
with torch.no_grad():
    a, b = model.posterior(x_train).mean, model.posterior(x_dev).mean
probe = LogisticRegression(max_iter=200).fit(a, y_train)
print("topic probe acc: train %.3f dev %.3f" % (probe.score(a, y_train), probe.score(b, y_dev)))
