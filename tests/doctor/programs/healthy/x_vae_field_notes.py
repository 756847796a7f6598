"""Neural variational document model (Miao et al., 2016), small, on synthetic field notes.

The KL weight is warmed up.  At the end the latent means are judged by nearest neighbours: do notes
on the same subject lie together?  Labels are never used in training.
"""
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

rng = np.random.default_rng(10)
torch.manual_seed(10)
V, K, N = 150, 5, 1500

subject_words = np.full((K, V), 0.15)
for k in range(K):
    subject_words[k, 20 + 26 * k: 46 + 26 * k] += rng.gamma(1.0, 4.0, 26)
subject_words[:, :20] += 3.0                                   # function words
subject_words /= subject_words.sum(1, keepdims=True)
subject = rng.integers(0, K, N)
length = rng.integers(20, 45, N)
counts = np.stack([rng.multinomial(n, subject_words[k]) for n, k in zip(length, subject)])
counts = torch.from_numpy(counts).float()
subject = torch.from_numpy(subject)
train, test = counts[:1200], counts[1200:]


class NVDM(nn.Module):
    def __init__(self, z=4, h=64):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(V, h), nn.Tanh())
        self.mu, self.logvar = nn.Linear(h, z), nn.Linear(h, z)
        self.dec = nn.Linear(z, V)
        nn.init.constant_(self.logvar.bias, -2.0)

    def forward(self, x):
        h = self.enc(torch.log1p(x))
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * (0.5 * logvar).exp() if self.training else mu
        rec = -(x * F.log_softmax(self.dec(z), dim=-1)).sum(-1)
        kl = -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(-1)
        return rec, kl, mu


model = NVDM()
opt = torch.optim.Adam(model.parameters(), lr=6e-3)
unigram = train.sum(0) / train.sum()
base = torch.exp(-(test * unigram.log()).sum() / test.sum()).item()
print("unigram perplexity on test %.1f" % base)

EPOCHS = 12
for epoch in range(EPOCHS):
    model.train()
    beta = min(1.0, (epoch + 1) / 5)
    rec_sum = kl_sum = 0.0
    for idx in torch.randperm(len(train)).split(40):
        rec, kl, _ = model(train[idx])
        loss = (rec + beta * kl).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        rec_sum += rec.sum().item()
        kl_sum += kl.sum().item()
    model.eval()
    with torch.no_grad():
        ppl = [torch.exp(sum(model(part)[:2]).sum() / part.sum()).item() for part in (train, test)]
    print(f"{epoch:2d} beta {beta:.1f} rec {rec_sum / 1200:.2f} kl {kl_sum / 1200:.2f} | bound ppl train {ppl[0]:.1f} test {ppl[1]:.1f}")

with torch.no_grad():
    ztr, zte = model(train)[2], model(test)[2]
    near = torch.cdist(zte, ztr).topk(5, largest=False).indices
    guess = subject[:1200][near].mode(1).values
    print("5-NN subject accuracy in latent space %.3f (chance %.2f)" % ((guess == subject[1200:]).float().mean(), 1 / K))
