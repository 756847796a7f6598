# Neural document model (bag-of-words VAE) on shopping lists. KL with free bits: per dimension the KL is not pushed below 0.3 nats,
# hence the clamp; KL weight rises over the first epochs.
import math, numpy as np, torch
from torch import nn
import torch.nn.functional as F

rs = np.random.RandomState(19); torch.manual_seed(19)
V, K, N = 220, 6, 3600
topics = rs.dirichlet(np.full(V, .05), K)
bg = rs.dirichlet(np.full(V, .5))
docs = np.zeros((N, V), dtype=np.float32)
for i in range(N):
    th = rs.dirichlet(np.full(K, .15))
    p = .85 * th @ topics + .15 * bg
    docs[i] = rs.multinomial(rs.randint(25, 60), p / p.sum())
X = torch.tensor(docs)
train, dev = X[:3000], X[3000:]


class NVDM(nn.Module):
    def __init__(self, z=16):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(V, 64), nn.Softplus())
        self.mu, self.logvar = nn.Linear(64, z), nn.Linear(64, z)
        self.dec = nn.Linear(z, V)
        nn.init.zeros_(self.logvar.weight)
        nn.init.constant_(self.logvar.bias, -1.)

    def forward(self, x, sample=True):
        h = self.enc(torch.log1p(x))
        mu, lv = self.mu(h), self.logvar(h)
        z = mu + (0.5 * lv).exp() * torch.randn_like(mu) if sample else mu
        rec = -(x * F.log_softmax(self.dec(z), -1)).sum(-1)
        kl = 0.5 * (mu ** 2 + lv.exp() - 1 - lv)
        return rec, kl


model = NVDM()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
FREE = 0.3
uni = (train.sum(0) + .1) / (train.sum() + .1 * V)
print(f"unigram perplexity on dev {math.exp(-(dev * uni.log()).sum() / dev.sum()):.1f}")
EP = 16
for ep in range(EP):
    if ep == 12:
        opt.param_groups[0]["lr"] = 1e-3
    beta = min(1., (ep + 1) / 5)
    model.train(); a = b = 0.
    for idx in torch.randperm(len(train)).split(100):
        rec, kl = model(train[idx])
        kl_fb = kl.mean(0).clamp(min=FREE).sum()
        loss = rec.mean() + beta * kl_fb
        opt.zero_grad(); loss.backward(); opt.step()
        a += rec.mean().item(); b += kl.sum(-1).mean().item()
    model.eval()
    with torch.no_grad():
        rec, kl = model(dev)
        bound = math.exp((rec + kl.sum(-1)).sum() / dev.sum())
        active = (kl.mean(0) > FREE).sum().item()
    print(f"epoch {ep:2d} beta {beta:.1f} rec {a / 30:.2f} kl {b / 30:.2f} | dev perplexity bound {bound:.1f}, dimensions above the free bits {active} of 16")
