"""Document VAE (NVDM) over snippets of four collections: newswire, film reviews, captions, encyclopedia.

Trained without the labels.  Scores: held-out perplexity bound exp(-ELBO / words) against the unigram model, and a
5-nearest-neighbour vote on the latent means ("which collection is it from?").
"""
import argparse
import gzip
import os
import re
from collections import Counter
from itertools import islice

import numpy as np
import torch
from sklearn.neighbors import KNeighborsClassifier
from torch import nn, optim
from torch.distributions import Normal, kl_divergence

p = argparse.ArgumentParser()
p.add_argument("--snippets", type=int, default=800, help="per collection")
p.add_argument("--words", type=int, default=40, help="per snippet")
p.add_argument("--vocab", type=int, default=600)
p.add_argument("--latent", type=int, default=6)
p.add_argument("--epochs", type=int, default=7)
p.add_argument("--lr", type=float, default=6e-3)
args = p.parse_args()
torch.manual_seed(1)
FILES = ["corpora/reuters-21578-bodies.txt.gz", "corpora/imdb-unsup-25k.txt.gz", "seq2seq/multi30k/train.en.gz",
         "corpora/wikitext-2.valid.txt.gz"]


def words(path):
    with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], path), "rt", encoding="utf-8") as f:
        for line in f:
            yield from re.findall(r"[a-z]{2,}", line.lower().replace("<unk>", " ").replace("<br />", " "))


snippets, source = [], []
for y, path in enumerate(FILES):
    stream = words(path)
    for _ in range(args.snippets):
        snippets.append(list(islice(stream, args.words)))
        source.append(y)
freq = Counter(w for s in snippets for w in s)
index = {w: i for i, (w, _) in enumerate(freq.most_common(args.vocab))}
counts = np.zeros((len(snippets), args.vocab), dtype=np.float32)
for r, s in enumerate(snippets):
    for w in s:
        if w in index:
            counts[r, index[w]] += 1
order = torch.randperm(len(counts))
X, Y = torch.from_numpy(counts)[order], torch.tensor(source)[order]
train_x, test_x, train_y, test_y = X[500:], X[:500], Y[500:], Y[:500]


class DocVAE(nn.Module):
    def __init__(self, V, K, hidden=80):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(V, hidden), nn.Softplus(), nn.Dropout(0.2))
        self.loc = nn.Linear(hidden, K)
        self.logvar = nn.Linear(hidden, K)
        self.out = nn.Linear(K, V)
        with torch.no_grad():       # warm start at the background distribution
            n = train_x.sum(0) + 1
            self.out.bias.copy_((n / n.sum()).log())

    def forward(self, x):
        h = self.body(x.log1p())
        q = Normal(self.loc(h), torch.exp(0.5 * self.logvar(h)))
        z = q.rsample()
        rec = (x * self.out(z).log_softmax(-1)).sum(-1)
        kl = kl_divergence(q, Normal(torch.zeros_like(q.mean), torch.ones_like(q.mean))).sum(-1)
        return rec, kl, q.mean


@torch.no_grad()
def perplexity(model, x):
    model.eval()
    rec, kl, mu = model(x)
    return torch.exp(-(rec - kl).sum() / x.sum()).item(), kl.mean().item(), mu.numpy()


model = DocVAE(args.vocab, args.latent)
opt = optim.Adam(model.parameters(), lr=args.lr)
sched = optim.lr_scheduler.CosineAnnealingLR(opt, args.epochs)
for epoch in range(args.epochs):
    beta = min(1.0, (epoch + 1) / 3)        # KL annealing
    model.train()
    for x in train_x[torch.randperm(len(train_x))].split(50):
        rec, kl, _ = model(x)
        loss = (beta * kl - rec).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    tr, te = perplexity(model, train_x), perplexity(model, test_x)
    print(f"epoch {epoch + 1} beta {beta:.2f} train ppl {tr[0]:.1f} test ppl {te[0]:.1f} (KL {te[1]:.2f})")
uni = (train_x.sum(0) + 1) / (train_x.sum() + args.vocab)
print(f"unigram test ppl {torch.exp(-(test_x * uni.log()).sum() / test_x.sum()).item():.1f}")
knn = KNeighborsClassifier(5).fit(tr[2], train_y.numpy())
print(f"5-NN on latent means: {knn.score(te[2], test_y.numpy()):.3f} (four collections)")
