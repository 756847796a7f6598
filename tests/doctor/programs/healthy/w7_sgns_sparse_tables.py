# Skip-gram with negative sampling, two tables with sparse gradients, from scratch on a made-up corpus.
# Held-out score: does a linear read-out of the vectors tell the topic of words it was not fitted on?
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

rng = np.random.default_rng(6)
torch.manual_seed(6)
TOPICS, PER, DIM, WINDOW, NEG = 6, 40, 12, 2, 4
V = TOPICS * PER
topic_of = rng.permutation(np.repeat(np.arange(TOPICS), PER))
members = [np.flatnonzero(topic_of == t) for t in range(TOPICS)]


def sentences(n):
    out = []
    for _ in range(n):
        t = rng.integers(TOPICS)
        own = rng.random(12) < 0.8
        out.append(np.where(own, rng.choice(members[t], 12), rng.integers(V, size=12)))
    return np.stack(out)


def skip_grams(sents):
    left, right = [], []
    for d in range(1, WINDOW + 1):
        a, b = sents[:, :-d].ravel(), sents[:, d:].ravel()
        left += [a, b]
        right += [b, a]
    return torch.from_numpy(np.concatenate(left)), torch.from_numpy(np.concatenate(right))


class SGNS(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = nn.Embedding(V, DIM, sparse=True)
        self.ctx = nn.Embedding(V, DIM, sparse=True)
        self.inp.weight.data.uniform_(-0.5 / DIM, 0.5 / DIM)
        self.ctx.weight.data.zero_()          # as in word2vec.c

    def forward(self, c, o, neg):
        v = self.inp(c)
        good = (v * self.ctx(o)).sum(-1)
        bad = torch.bmm(self.ctx(neg), v.unsqueeze(-1)).squeeze(-1)
        return -(F.logsigmoid(good) + F.logsigmoid(-bad).sum(-1)).mean()


train_c, train_o = skip_grams(sentences(1300))
dev_c, dev_o = skip_grams(sentences(400))
dev_neg = torch.randint(V, (len(dev_c), NEG))
net = SGNS()
opt = torch.optim.SparseAdam(list(net.parameters()), lr=0.015)
print(len(train_c), "pairs")

EPOCHS, BATCH = 4, 500
for epoch in range(EPOCHS):
    for grp in opt.param_groups:
        grp["lr"] = 0.015 * (1 - epoch / EPOCHS)
    total, perm = 0.0, torch.randperm(len(train_c))
    for i in range(0, len(perm), BATCH):
        b = perm[i:i + BATCH]
        loss = net(train_c[b], train_o[b], torch.randint(V, (len(b), NEG)))
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b)
    with torch.no_grad():
        dev = net(dev_c, dev_o, dev_neg).item()
    print(f"epoch {epoch} loss {total / len(perm):.4f} dev {dev:.4f}")

with torch.no_grad():
    v = net.inp(dev_c)
    s = torch.cat([(v * net.ctx(dev_o)).sum(-1), (v * net.ctx(dev_neg[:, 0])).sum(-1)])
print("AUC real against drawn pairs: %.3f" % roc_auc_score([1] * len(dev_c) + [0] * len(dev_c), s))
vec = net.inp.weight.detach().numpy()
order = rng.permutation(V)
probe = LogisticRegression(max_iter=200).fit(vec[order[:120]], topic_of[order[:120]])
print("topic of the other 120 words: %.3f (chance %.3f)" % (probe.score(vec[order[120:]], topic_of[order[120:]]), 1 / TOPICS))
