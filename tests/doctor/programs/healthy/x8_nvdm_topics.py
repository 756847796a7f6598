"""Neural variational document model (Miao et al. 2016), bag of words, KL annealing.
Compared with the unigram model on held-out documents."""
import numpy as np
import torch
from torch import nn

torch.manual_seed(2)
rng = np.random.default_rng(2)
V, K = 400, 8
beta = rng.dirichlet(np.full(V, 0.05), size=K)


def generate(n, length=60):
    docs = np.zeros((n, V), dtype=np.float32)
    for i in range(n):
        theta = rng.dirichlet(np.full(K, 0.15))
        docs[i] = rng.multinomial(length, theta @ beta)
    return torch.from_numpy(docs)


class NVDM(nn.Module):
    def __init__(self, z=12, h=96):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(V, h), nn.Tanh())
        self.mu, self.logvar = nn.Linear(h, z), nn.Linear(h, z)
        nn.init.zeros_(self.logvar.weight)
        nn.init.zeros_(self.logvar.bias)
        self.dec = nn.Linear(z, V)

    def forward(self, bow):
        e = self.enc(torch.log1p(bow))
        mu, lv = self.mu(e), self.logvar(e)
        z = mu + torch.randn_like(mu) * (0.5 * lv).exp() if self.training else mu
        rec = -(bow * self.dec(z).log_softmax(-1)).sum(-1)
        kl = 0.5 * (mu.pow(2) + lv.exp() - 1 - lv).sum(-1)
        return rec, kl


def perplexity(model, docs):
    model.eval()
    with torch.no_grad():
        rec, kl = model(docs)
    return ((rec + kl).sum() / docs.sum()).exp().item()


train, test = generate(4000), generate(500)
uni = (train.sum(0) + 0.1) / (train.sum() + 0.1 * V)
print("unigram perplexity on test: %.1f" % torch.exp(-(test * uni.log()).sum() / test.sum()))
model = NVDM()
model.dec.bias.data.copy_(uni.log())
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
EPOCHS = 8
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [5, 7], gamma=0.2)
for ep in range(EPOCHS):
    model.train()
    w = min(1.0, (ep + 1) / 3)
    r_sum = k_sum = 0.0
    for b in torch.randperm(len(train)).split(64):
        rec, kl = model(train[b])
        loss = (rec + w * kl).mean()
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 20.)
        opt.step()
        r_sum += rec.sum().item(); k_sum += kl.sum().item()
    sched.step()
    print(f"{ep} beta {w:.2f} rec {r_sum / len(train):.1f} kl {k_sum / len(train):.2f} "
          f"ppl at the mean: train {perplexity(model, train):.1f} test {perplexity(model, test):.1f}")
