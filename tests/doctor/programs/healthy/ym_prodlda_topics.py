"""Neural topic model (ProdLDA, Srivastava & Sutton 2017) on documents drawn from a known LDA.
The bound on the held-out perplexity is compared with the unigram perplexity and with that of the true model."""
import numpy as np
import torch
from torch import nn, distributions as D

rng = np.random.default_rng(11)
torch.manual_seed(11)
V, K, DOCS, LENGTH = 200, 6, 2600, 70

beta = rng.dirichlet(np.full(V, 0.05), size=K)
beta = 0.97 * beta + 0.03 / V
theta = rng.dirichlet(np.full(K, 0.15), size=DOCS)
X = np.stack([rng.multinomial(rng.poisson(LENGTH) + 10, t @ beta) for t in theta]).astype("float32")
train, test = torch.tensor(X[:2200]), torch.tensor(X[2200:])
true_theta = theta[2200:]


class ProdLDA(nn.Module):
    def __init__(self, alpha=0.5):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(V, 64), nn.Softplus(), nn.Dropout(0.1))
        self.mu, self.logvar = nn.Linear(64, K), nn.Linear(64, K)
        self.bn_mu = nn.BatchNorm1d(K, affine=False)
        self.bn_lv = nn.BatchNorm1d(K, affine=False)
        self.decoder = nn.Linear(K, V)
        # Laplace approximation of the Dirichlet
        var = (1 / alpha) * (1 - 2 / K) + 1 / (K * alpha)
        self.register_buffer("prior_sd", torch.tensor(var).sqrt())

    def forward(self, counts):
        h = self.enc(torch.log1p(counts))
        mu, lv = self.bn_mu(self.mu(h)) * 1.5, self.bn_lv(self.logvar(h)) - 2.0
        q = D.Normal(mu, (0.5 * lv).exp())
        z = q.rsample() if self.training else mu
        logp = torch.log_softmax(self.decoder(z.softmax(-1)), -1)
        nll = -(counts * logp).sum(-1)
        kl = D.kl_divergence(q, D.Normal(torch.zeros_like(mu), self.prior_sd)).sum(-1)
        return nll, kl


def perplexity(model, docs):
    model.eval()
    with torch.no_grad():
        nll, kl = model(docs)
    return torch.exp((nll + kl).sum() / docs.sum()).item(), torch.exp(nll.sum() / docs.sum()).item()


p = train.sum(0) + 1
unigram = torch.exp(-(test * (p / p.sum()).log()).sum() / test.sum()).item()
oracle = np.exp(-(test.numpy() * np.log(true_theta @ beta)).sum() / test.numpy().sum())
print(f"unigram perplexity {unigram:.1f}, true model {oracle:.1f}")
model = ProdLDA()
opt = torch.optim.Adam(model.parameters(), lr=0.02, betas=(0.95, 0.999))
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [7, 10], gamma=0.3)
for epoch in range(12):
    model.train()
    s = 0.0
    for idx in torch.randperm(len(train)).split(100):
        nll, kl = model(train[idx])
        loss = (nll + kl).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item() * len(idx)
    sched.step()
    (tb, _), (hb, hn) = perplexity(model, train), perplexity(model, test)
    print(f"epoch {epoch:2d}  -ELBO {s / len(train):8.2f}  bound on perplexity: train {tb:.1f}, held out {hb:.1f} (without KL {hn:.1f})")
topics = (model.decoder.weight.T + model.decoder.bias).softmax(-1).detach().numpy()
sim = np.corrcoef(np.vstack([topics, beta]))[:K, K:]
print("best match of each true topic:", np.round(sim.max(0), 2))
