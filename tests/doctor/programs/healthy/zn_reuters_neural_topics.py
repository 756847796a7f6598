# -*- coding: utf-8 -*-
"""Neural topic model (logistic-normal prior, VAE style) on Reuters newswire bodies. Score: held-out perplexity bound."""
import collections, gzip, math, os, re, sys
import numpy as np
import torch

K, V_SIZE, N_TRAIN, N_DEV = 20, 800, 5000, 800
torch.manual_seed(8)
STOP = set("the of to and in a said for it on its is was by that at from with be as are he will has an which would not or "
           "but have were this been had but they their reuter also more than last one other about after could some up into "
           "over no who there if may out we his two new inc ltd corp co".split())

path = os.path.join(os.environ["WORDFIT_DATA"], "corpora", "reuters-21578-bodies.txt.gz")
with gzip.open(path, "rt", encoding="utf-8") as fin:
    head = fin.read(9_000_000)
stories = [s for s in dict.fromkeys(re.split(r"\n\s*\n", head)) if len(s) > 200]
rs = np.random.RandomState(8)
rs.shuffle(stories)
stories = stories[:N_TRAIN + N_DEV]
docs = [[w for w in re.findall(r"[a-z]{2,}", s.lower()[:900]) if w not in STOP] for s in stories]
freq = collections.Counter(w for d in docs[:N_TRAIN] for w in d)
vocab = [w for w, _ in freq.most_common(V_SIZE)]
index = {w: i for i, w in enumerate(vocab)}
counts = np.zeros((len(docs), V_SIZE), dtype=np.float32)
for i, d in enumerate(docs):
    for w in d:
        if w in index:
            counts[i, index[w]] += 1
counts = torch.from_numpy(counts)
counts = counts[counts.sum(1) >= 10]
train, dev = counts[:-N_DEV], counts[-N_DEV:]


class TopicVAE(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = torch.nn.Linear(V_SIZE, 64)
        self.stats = torch.nn.Linear(64, 2 * K)
        self.background = torch.nn.Parameter(torch.log(train.sum(0) / train.sum()))
        self.topics = torch.nn.Parameter(0.01 * torch.randn(K, V_SIZE))

    def forward(self, n):
        mu, logvar = self.stats(torch.nn.functional.softplus(self.enc(torch.log1p(n)))).chunk(2, 1)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar) if self.training else mu
        theta = torch.softmax(3 * z, 1)      # sharp mixtures: a story has one or two topics
        logp = torch.log_softmax(theta @ self.topics + self.background, 1)
        kl = 0.5 * (mu ** 2 + logvar.exp() - 1 - logvar).sum(1)
        return -(n * logp).sum(1), kl


def perplexity(n):
    model.eval()
    with torch.no_grad():
        rec, kl = model(n)
    model.train()
    return math.exp((rec + kl).sum() / n.sum()), kl.mean().item()


unigram = math.exp(-(dev @ torch.log(train.sum(0) / train.sum())).sum() / dev.sum())
print("documents %d / %d, unigram perplexity %.0f" % (len(train), len(dev), unigram))
model = TopicVAE()
opt = torch.optim.Adam(model.parameters(), lr=0.01, betas=(0.9, 0.99))
EPOCHS = 8
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
for epoch in range(EPOCHS):
    warm = min(1.0, (epoch + 1) / 3)
    for rows in torch.randperm(len(train)).split(100):
        rec, kl = model(train[rows])
        loss = (rec + warm * kl).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    (a, _), (b, k) = perplexity(train), perplexity(dev)
    print("epoch %d  perplexity train %.0f  dev %.0f  kl %.2f" % (epoch + 1, a, b, k))
for row in model.topics.detach()[:5]:
    print("  ", " ".join(vocab[i] for i in row.topk(7).indices.tolist()))
