"""Neural variational topic model (bag of words in, logistic normal topics) with a warm-up of the KL term."""
import math
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset, random_split

np.random.seed(21)
torch.manual_seed(21)

N_TOPICS, N_WORDS, N_DOCS = 10, 400, 3400
beta = np.random.dirichlet(np.full(N_WORDS, 0.06), N_TOPICS) * 0.85 + 0.15 * np.random.dirichlet(np.full(N_WORDS, 0.5))
docs = np.zeros((N_DOCS, N_WORDS), dtype=np.float32)
for d in range(N_DOCS):
    theta = np.random.dirichlet(np.full(N_TOPICS, 0.12))
    docs[d] = np.random.multinomial(np.random.randint(40, 120), theta @ beta)

corpus = TensorDataset(torch.from_numpy(docs))
train_set, dev_set = random_split(corpus, [2800, 600])
train_loader = DataLoader(train_set, batch_size=50, shuffle=True)
dev_loader = DataLoader(dev_set, batch_size=200)


class TopicVAE(nn.Module):
    def __init__(self, n_words, n_topics, hidden=100):
        super().__init__()
        self.inp = nn.Linear(n_words, hidden)
        self.mu = nn.Linear(hidden, n_topics)
        self.logvar = nn.Linear(hidden, n_topics)
        nn.init.zeros_(self.logvar.weight)               # all documents start with one and the same spread
        nn.init.constant_(self.logvar.bias, -1.0)
        self.topic_word = nn.Linear(n_topics, n_words, bias=True)
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        # counts -> frequencies on a log scale
        h = F.softplus(self.inp(self.drop(torch.log1p(x))))
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu
        if self.training:
            z = mu + torch.randn_like(mu) * (0.5 * logvar).exp()
        theta = torch.softmax(z, dim=-1)
        return F.log_softmax(self.topic_word(theta), dim=-1), mu, logvar


def elbo_parts(x, log_p, mu, logvar):
    nll = -(x * log_p).sum(1)
    # Gaussian N(mu, s) against N(0, 4): the constant terms stay in, so that the value is a true KL
    prior = math.log(4.0)
    kl = 0.5 * ((logvar.exp() + mu ** 2) / 4.0 - 1.0 - logvar + prior).sum(1)
    return nll, kl


model = TopicVAE(N_WORDS, N_TOPICS)
opt = torch.optim.Adam(model.parameters(), lr=5e-3, betas=(0.9, 0.99))
sched = torch.optim.lr_scheduler.StepLR(opt, step_size=12, gamma=0.3)


def perplexity(loader):
    model.eval()
    bits = words = kls = 0.0
    with torch.no_grad():
        for (x,) in loader:
            nll, kl = elbo_parts(x, *model(x))
            bits, kls, words = bits + (nll + kl).sum().item(), kls + kl.sum().item(), words + x.sum().item()
    model.train()
    return math.exp(bits / words), kls / len(loader.dataset)


train_counts = torch.stack([train_set[i][0] for i in range(len(train_set))]).sum(0) + 0.1
unigram = (train_counts / train_counts.sum()).log()
dev_counts = torch.stack([dev_set[i][0] for i in range(len(dev_set))]).sum(0)
print("unigram perplexity on dev: %.1f" % math.exp(-(dev_counts @ unigram / dev_counts.sum()).item()))

for epoch in range(24):
    beta_kl = min(1.0, 0.1 + 0.15 * epoch)
    total = 0.0
    for (x,) in train_loader:
        nll, kl = elbo_parts(x, *model(x))
        loss = (nll + beta_kl * kl).mean() / 80.0
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        total += loss.item()
    sched.step()
    if epoch % 3 == 2:
        ppl, kl = perplexity(dev_loader)
        print(f"epoch {epoch + 1:2d} beta {beta_kl:.2f} loss {total / len(train_loader):.4f} "
              f"train ppl {perplexity(train_loader)[0]:.1f} dev ppl {ppl:.1f} dev kl {kl:.2f}")

with torch.no_grad():
    for k in range(3):
        top = (model.topic_word.weight[:, k]).topk(8).indices
        print("topic", k, " ".join(f"w{i:03d}" for i in top.tolist()))
