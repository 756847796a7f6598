"""Neural topic model (Gaussian VAE over bags of words) with a KL weight that warms up; held-out perplexity bound against a unigram model."""
import math
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(33); torch.manual_seed(33)
K, PER, STOP = 6, 30, 20
V = K * PER + STOP
topics = np.zeros((K, V))
for k in range(K):
    topics[k, k * PER:(k + 1) * PER] = rng.dirichlet(np.full(PER, .8)) * .75
    topics[k] += .05 / V
    topics[k, K * PER:] += rng.dirichlet(np.full(STOP, 3.)) * .2
topics /= topics.sum(1, keepdims=True)


def corpus(n):
    X = np.zeros((n, V), dtype=np.float32)
    for i in range(n):
        theta = rng.dirichlet(np.full(K, .15))
        X[i] = rng.multinomial(rng.integers(30, 90), theta @ topics)
    return torch.from_numpy(X)


train, dev = corpus(3000), corpus(400)
unigram = ((train.sum(0) + 1) / (train.sum() + V)).log()


class NTM(nn.Module):
    def __init__(self, V, Z=8, H=64):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(V, H), nn.Softplus(), nn.Dropout(0.1))
        self.mu, self.logvar = nn.Linear(H, Z), nn.Linear(H, Z)
        self.dec = nn.Linear(Z, V)
        self.dec.bias.data.copy_(unigram)                 # start from the word frequencies

    def forward(self, x):
        h = self.enc(x / x.sum(1, keepdim=True) * 20)
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * (0.5 * logvar).exp() if self.training else mu
        rec = -(x * F.log_softmax(self.dec(z), -1)).sum(1)
        kl = 0.5 * (mu ** 2 + logvar.exp() - 1 - logvar).sum(1)
        return rec, kl


def bound(model, X, draws=8):
    """perplexity from the variational bound, z drawn and not only its mean"""
    model.eval()
    with torch.no_grad():
        h = model.enc(X / X.sum(1, keepdim=True) * 20)
        mu, lv = model.mu(h), model.logvar(h)
        rec = 0
        for _ in range(draws):
            z = mu + torch.randn_like(mu) * (0.5 * lv).exp()
            rec = rec - (X * F.log_softmax(model.dec(z), -1)).sum(1) / draws
        kl = 0.5 * (mu ** 2 + lv.exp() - 1 - lv).sum(1)
    return math.exp(((rec + kl).sum() / X.sum()).item()), kl.mean().item()


model = NTM(V)
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
step, warm = 0, 200
print("unigram perplexity %.1f" % math.exp(-((dev * unigram).sum() / dev.sum()).item()))
for epoch in range(16):
    model.train()
    for g in opt.param_groups:
        g["lr"] = 5e-3 * (1 if epoch < 11 else 0.2)
    tot = 0.
    for idx in torch.randperm(len(train)).split(60):
        rec, kl = model(train[idx])
        beta = min(1.0, step / warm)
        loss = (rec + beta * kl).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        step += 1; tot += loss.item() * len(idx)
    if epoch % 2 == 1:
        ppl, k = bound(model, dev)
        print(f"epoch {epoch + 1:2d} loss {tot / len(train):.2f} dev perplexity {ppl:.1f} KL {k:.2f} train perplexity {bound(model, train[:800])[0]:.1f}")
top = model.dec.weight.topk(6, dim=0).indices.T
print("topic of the strongest words per direction:", [sorted({(i // PER) if i < K * PER else -1 for i in r.tolist()}) for r in top])
