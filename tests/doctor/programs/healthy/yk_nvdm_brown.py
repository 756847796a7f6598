"""Neural variational document model (Miao et al. 2016) on Brown passages; held-out perplexity against a unigram model."""
import collections
import gzip
import itertools
import math
import os
import random
import re

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(42)
PATH = os.path.join(os.environ["WORDFIT_DATA"], "corpora", "brown.txt.gz")
STOP = set("the and a of to is it in i this that was as with for but on are his have be he one not you all at by an they who from so like her or just about out if has there some what good more when very up no time my even she which only their had really were can see would me we well than into been most other after also its because".split())
with gzip.open(PATH, "rt", encoding="utf-8") as fh:
    lines = [re.findall(r"[a-z]{3,}", l.lower()) for l in itertools.islice(fh, 36000)]
docs = [sum(lines[i:i + 10], []) for i in range(0, len(lines), 10)]       # ten sentences are a document
random.Random(0).shuffle(docs)
df = collections.Counter(w for d in docs[:3000] for w in set(d))
vocab = {w: i for i, (w, _) in enumerate([p for p in df.most_common(620) if p[0] not in STOP])}


def counts(rows):
    x = torch.zeros(len(rows), len(vocab))
    for r, d in enumerate(rows):
        for w in d:
            if w in vocab:
                x[r, vocab[w]] += 1
    return x[x.sum(1) > 5]


train, held = counts(docs[:3000]), counts(docs[3000:])


class NVDM(nn.Module):
    def __init__(self, n_words, k=8, hidden=48):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(n_words, hidden), nn.Softplus(), nn.Dropout(0.2))
        self.mu, self.logvar = nn.Linear(hidden, k), nn.Linear(hidden, k)
        self.beta = nn.Parameter(torch.randn(k, n_words) * 0.1)
        self.background = nn.Parameter(torch.zeros(n_words))

    def forward(self, x):
        h = self.enc(torch.log1p(x))
        mu, lv = self.mu(h), self.logvar(h)
        z = mu + torch.randn_like(mu) * (0.5 * lv).exp() if self.training else mu
        logp = F.log_softmax(self.background + z @ self.beta, -1)
        rec = -(x * logp).sum(1)
        kl = 0.5 * (mu.pow(2) + lv.exp() - 1 - lv).sum(1)
        return rec, kl


def perplexity(model, x):
    model.eval()
    with torch.no_grad():
        rec, kl = model(x)
    return math.exp((rec + kl).sum().item() / x.sum().item())


model = NVDM(len(vocab))
with torch.no_grad():
    model.background.copy_(((train.sum(0) + 1) / (train.sum() + len(vocab))).log())
unigram = math.exp(-(held * model.background.detach()).sum().item() / held.sum().item())
opt = torch.optim.Adam(model.parameters(), lr=6e-3)
EPOCHS = 12
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
print(f"{len(train)} passages, {len(vocab)} words, unigram perplexity {unigram:.1f}")
for epoch in range(EPOCHS):
    model.train()
    warm = min(1.0, (epoch + 1) / 4)                       # KL annealing
    for b in torch.randperm(len(train)).split(100):
        rec, kl = model(train[b])
        loss = (rec + warm * kl).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    if epoch % 2:
        print(f"epoch {epoch + 1} -elbo {loss.item():.1f} kl {kl.mean().item():.2f} ppl train {perplexity(model, train):.1f} held-out {perplexity(model, held):.1f}")
words = list(vocab)
for k in range(4):
    print("factor", k, " ".join(words[i] for i in model.beta[k].topk(8).indices))
