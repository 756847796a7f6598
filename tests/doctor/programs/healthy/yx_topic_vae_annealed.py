# Neural topic model (VAE over word counts) with logistic-normal latents. KL warm-up by callback; total loss is per document.
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

K, V, DOCLEN = 5, 120, 60
rng = np.random.default_rng(4)
torch.manual_seed(4)

beta = np.full((K, V), .02)
for k in range(K):
    beta[k, k * 24:(k + 1) * 24] += rng.gamma(2., 1., 24)
beta /= beta.sum(1, keepdims=True)


def corpus(n):
    theta = rng.dirichlet(np.full(K, .3), n)
    counts = np.stack([rng.multinomial(DOCLEN, t @ beta) for t in theta])
    return torch.tensor(counts, dtype=torch.float32), torch.tensor(theta, dtype=torch.float32)


x_train, th_train = corpus(3000)
x_test, th_test = corpus(500)
unigram = (x_train.sum(0) + 1) / (x_train.sum() + V)


class TopicVAE(nn.Module):
    def __init__(self, hidden=64):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(V, hidden), nn.Softplus(), nn.Dropout(.1))
        self.mu, self.logvar = nn.Linear(hidden, K), nn.Linear(hidden, K)
        self.topics = nn.Parameter(torch.randn(K, V) * .1)
        self.background = nn.Parameter(unigram.log(), requires_grad=False)   # stays fixed: corpus frequencies

    def encode(self, x):
        h = self.enc(x / x.sum(1, keepdim=True) * 10)
        return self.mu(h), self.logvar(h).clamp(-8, 4)

    def decode(self, z):
        return F.log_softmax(F.softmax(z, -1) @ self.topics + self.background, -1)

    def forward(self, x):
        mu, lv = self.encode(x)
        z = mu + torch.randn_like(mu) * (.5 * lv).exp() if self.training else mu
        nll = -(x * self.decode(z)).sum(1)
        kl = .5 * (mu.pow(2) + lv.exp() - 1 - lv).sum(1)
        return nll, kl


class Warmup:
    def __init__(self, epochs):
        self.epochs, self.value = epochs, 0.

    def on_epoch_begin(self, e):
        self.value = min(1., (e + 1) / self.epochs)


net, cb = TopicVAE(), Warmup(3)
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1.5e-2, betas=(.9, .99))
EPOCHS = 10
for e in range(EPOCHS):
    cb.on_epoch_begin(e)
    for g in opt.param_groups:
        g["lr"] = 1.5e-2 if e < 6 else 4e-3
    net.train()
    rec = kls = 0.
    for idx in torch.randperm(len(x_train)).chunk(30):
        nll, kl = net(x_train[idx])
        loss = (nll + cb.value * kl).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        rec += nll.sum().item(); kls += kl.sum().item()
    net.eval()
    with torch.no_grad():
        nll, kl = net(x_test)
    print(f"epoch {e} kl weight {cb.value:.2f} train nll {rec / len(x_train):.2f} kl {kls / len(x_train):.2f} "
          f"test nll {nll.mean():.2f} kl {kl.mean():.2f} word perplexity {torch.exp(nll.mean() / DOCLEN):.1f}")

with torch.no_grad():
    base = torch.exp(-(x_test @ unigram.log()).mean() / DOCLEN).item()
    true = torch.exp(-(x_test * (th_test @ torch.tensor(beta, dtype=torch.float32)).log()).sum(1).mean() / DOCLEN).item()
    main_topic = F.softmax(net.encode(x_test)[0], 1).argmax(1).numpy()
purity = sum(np.bincount(th_test.argmax(1).numpy()[main_topic == k], minlength=K).max() for k in range(K)) / len(x_test)
print(f"unigram perplexity {base:.1f}, of the true process {true:.1f}; purity of the main topic {purity:.3f} (chance {1 / K})")
