#!/usr/bin/env python
"""Neural topic model (VAE on word counts) on generated documents; reports held-out perplexity."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rs = np.random.RandomState(9)
torch.manual_seed(9)
V, K, N = 200, 5, 2000
beta_true = rs.dirichlet(np.full(V, 0.05), K)
theta = rs.dirichlet(np.full(K, 0.2), N + 400)
docs = np.stack([rs.multinomial(60, t @ beta_true) for t in theta]).astype("float32")
train, held = torch.from_numpy(docs[:N]), torch.from_numpy(docs[N:])


class NTM(nn.Module):
    def __init__(self, hid=48):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(V, hid), nn.Softplus())
        self.mu, self.logvar = nn.Linear(hid, K), nn.Linear(hid, K)
        self.topics = nn.Linear(K, V)

    def forward(self, x):
        h = self.enc(x / x.sum(1, keepdim=True) * 10)
        mu, lv = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * (0.5 * lv).exp() if self.training else mu
        logp = self.topics(F.softmax(z, -1)).log_softmax(-1)
        rec = -(x * logp).sum(1)
        kl = 0.5 * (mu ** 2 + lv.exp() - 1 - lv).sum(1)
        return rec, kl


@torch.no_grad()
def perplexity(model, x):
    model.eval()
    rec, kl = model(x)
    return ((rec + kl).sum() / x.sum()).exp().item()


unigram = (train.sum(0) + 0.1) / (train.sum(0) + 0.1).sum()
print("unigram perplexity %.1f" % (-(held @ unigram.log()).sum() / held.sum()).exp().item())
model = NTM()
opt = torch.optim.Adam(model.parameters(), lr=0.015, betas=(0.95, 0.999))
EPOCHS = 9
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 0.02, total_steps=EPOCHS * (N // 50))
for ep in range(EPOCHS):
    model.train()
    w = min(1.0, 0.2 + ep / 4)                      # KL warm-up
    stats = np.zeros(2)
    for idx in torch.randperm(N).split(50):
        rec, kl = model(train[idx])
        loss = (rec + w * kl).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        stats += rec.sum().item(), kl.sum().item()
    print("ep %d rec %.2f kl %.2f  train ppl %.1f held-out ppl %.1f"
          % (ep, *(stats / N), perplexity(model, train), perplexity(model, held)))
