"""Neural topic model (ProdLDA-like VAE) on invented newspaper snippets. Loss = reconstruction + beta * KL, beta warms up.
Nothing is labelled in training; the labels only tell us afterwards how pure the topics are."""
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

rng = np.random.default_rng(0)
torch.manual_seed(0)

SECTIONS = {
    "sport": "goal match coach league striker referee stadium injury trophy penalty keeper derby fans season".split(),
    "money": "bank shares profit market inflation loan investor tax budget dollar debt merger growth wages".split(),
    "weather": "rain storm sunny clouds wind snow degrees forecast flood frost thunder humid coast drought".split(),
    "court": "judge trial verdict lawyer witness jury prison appeal theft evidence guilty sentence police fraud".split(),
}
COMMON = "the a of said on was new after year people city more".split()
vocab = COMMON + [w for ws in SECTIONS.values() for w in ws]
col = {w: i for i, w in enumerate(vocab)}


def snippets(n):
    counts, section = np.zeros((n, len(vocab)), dtype=np.float32), rng.integers(0, 4, n)
    pools = list(SECTIONS.values())
    for i, s in enumerate(section):
        for _ in range(rng.integers(14, 26)):
            r = rng.random()
            pool = pools[s] if r < 0.6 else pools[rng.integers(4)] if r < 0.68 else COMMON
            counts[i, col[pool[rng.integers(len(pool))]]] += 1
    return torch.from_numpy(counts), section


class TopicVAE(nn.Module):
    def __init__(self, n_topics=4):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(len(vocab), 48), nn.Softplus())
        self.to_mu, self.to_logvar = nn.Linear(48, n_topics), nn.Linear(48, n_topics)
        self.topic_word = nn.Linear(n_topics, len(vocab))      # its bias is the background of common words

    def encode(self, x):
        h = self.enc(x / x.sum(1, keepdim=True) * 10)
        return self.to_mu(h), self.to_logvar(h)

    def forward(self, x):
        mu, logvar = self.encode(x)
        z = mu + torch.randn_like(mu) * (0.5 * logvar).exp() if self.training else mu
        log_words = F.log_softmax(self.topic_word(z.softmax(1)), dim=1)
        rec = -(x * log_words).sum(1)
        kl = -0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum(1)
        return rec, kl


def perplexity(model, x):
    model.eval()
    with torch.no_grad():
        rec, kl = model(x)
    return float(torch.exp((rec + kl).sum() / x.sum()))


def purity(model, x, section):
    model.eval()
    with torch.no_grad():
        topic = model.encode(x)[0].argmax(1).numpy()
    return sum(np.bincount(section[topic == k]).max() for k in set(topic)) / len(section)


x_train, s_train = snippets(2000)
x_test, s_test = snippets(400)
freq = x_train.sum(0) / x_train.sum()
print("perplexity of a plain unigram model: %.1f" % float(torch.exp(-(x_test @ freq.log()).sum() / x_test.sum())))

vae = TopicVAE()
opt = torch.optim.Adam(vae.parameters(), lr=1e-2, betas=(0.95, 0.999))
EPOCHS, step = 14, 0
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
for epoch in range(EPOCHS):
    vae.train()
    sums = torch.zeros(2)
    for b in torch.randperm(len(x_train)).split(50):
        step += 1
        beta = min(1.0, step / 150)
        rec, kl = vae(x_train[b])
        loss = (rec + beta * kl).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        sums += torch.stack([rec.sum(), kl.sum()]).detach()
    sched.step()
    if epoch % 2:
        print("epoch %2d  rec %.2f  kl %.2f  perplexity train %.1f test %.1f  purity %.3f" % (
            epoch, *(sums / len(x_train)), perplexity(vae, x_train), perplexity(vae, x_test), purity(vae, x_test, s_test)))
