# ProdLDA-like neural topic model on synthetic documents, so that the topics found can be checked against the true ones
import torch, numpy as np
from torch import nn
from torch.nn import functional as F
from torch.distributions import Normal, kl_divergence
from scipy.optimize import linear_sum_assignment

SEED = 0
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)

K, V, NDOC = 6, 240, 2400
true_beta = rng.dirichlet(np.full(V, 0.06), K)
true_beta = 0.9 * true_beta + 0.1 / V                     # some background in each topic
theta = rng.dirichlet(np.full(K, 0.2), NDOC)
lens = rng.integers(60, 120, NDOC)
docs = np.stack([rng.multinomial(n, t @ true_beta) for n, t in zip(lens, theta)])
x_tr = torch.tensor(docs[:2000], dtype=torch.float)
x_te = torch.tensor(docs[2000:], dtype=torch.float)


class TopicVAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.inference = nn.Sequential(nn.Linear(V, 64), nn.Softplus(), nn.Dropout(0.1))
        self.mu, self.lv = nn.Linear(64, K), nn.Linear(64, K)
        self.topics = nn.Parameter(0.1 * torch.randn(K, V))
        self.background = nn.Parameter(torch.zeros(V))
        self.prior = Normal(torch.zeros(K), torch.full((K,), 1.6))

    def forward(self, counts):
        h = self.inference(torch.log1p(counts))
        q = Normal(self.mu(h), (0.5 * self.lv(h)).exp())
        z = q.rsample() if self.training else q.mean
        mix = z.softmax(-1) @ (self.topics + self.background).softmax(-1)
        rec = -(counts * mix.log()).sum(-1)
        return rec, kl_divergence(q, self.prior).sum(-1)


def perplexity(model, x):
    model.eval()
    with torch.no_grad():
        rec, kl = model(x)
    return ((rec + kl).sum() / x.sum()).exp().item(), (rec.sum() / x.sum()).exp().item()


vae = TopicVAE()
optimizer = torch.optim.Adam(vae.parameters(), lr=2e-2, betas=(0.9, 0.99))
uni = x_tr.sum(0) / x_tr.sum()
print("unigram perplexity      %.1f" % torch.exp(-(x_te @ uni.log()).sum() / x_te.sum()).item())
oracle = torch.tensor(theta[2000:] @ true_beta, dtype=torch.float)
print("true mixture perplexity %.1f" % torch.exp(-(x_te * oracle.log()).sum() / x_te.sum()).item())
EPOCHS, WARM = 10, 4
for epoch in range(EPOCHS):
    vae.train()
    weight = min(1.0, (epoch + 0.5) / WARM)                # KL annealing
    if epoch == 7:
        for g in optimizer.param_groups: g["lr"] *= 0.3
    tot_rec = tot_kl = 0.0
    for idx in torch.randperm(len(x_tr)).split(50):
        rec, kl = vae(x_tr[idx])
        loss = (rec + weight * kl).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        tot_rec += rec.sum().item(); tot_kl += kl.sum().item()
    print("epoch %2d  kl weight %.2f  rec %.2f  kl %.2f  ppl train %.1f test %.1f (rec. only %.1f)" % (
        epoch, weight, tot_rec / len(x_tr), tot_kl / len(x_tr), perplexity(vae, x_tr)[0], *perplexity(vae, x_te)))

with torch.no_grad():
    found = (vae.topics + vae.background).softmax(-1).numpy()
    guess = F.softmax(vae.mu(vae.inference(torch.log1p(x_te))), -1).argmax(-1).numpy()
sim = np.corrcoef(np.vstack([found, true_beta]))[:K, K:]
r, c = linear_sum_assignment(-sim)
print("correlation of matched topics:", np.round(sim[r, c], 2))
print("main topic of the held-out documents right: %.3f" % (c[guess] == theta[2000:].argmax(1)).mean())
