"""Learning to rank from full orderings: Plackett-Luce likelihood of made-up rankings, eight documents a query."""
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import ndcg_score

np.random.seed(31); torch.manual_seed(31)
n_topics, n_words, n_docs = 5, 60, 8
topic_of = np.random.randint(n_topics, size=n_words)          # every word belongs to a topic
affinity = np.random.randn(n_topics, n_topics)                 # what a query topic likes


def sample(n_queries):
    Q = np.random.randint(n_words, size=(n_queries, 3))
    Dm = np.random.randint(n_words, size=(n_queries, n_docs, 6))
    util = affinity[topic_of[Q][:, :, None, None], topic_of[Dm][:, None]].mean((1, 3)) * 4
    noisy = util + np.random.gumbel(size=util.shape) * 0.6      # Gumbel noise, so Plackett-Luce is the true model
    return torch.tensor(Q), torch.tensor(Dm), torch.tensor(np.argsort(-noisy, 1)), util


class TwoTower(nn.Module):
    def __init__(self, dim=6):
        super().__init__()
        self.q = nn.Embedding(n_words, dim)
        self.d = nn.Embedding(n_words, dim)
        for e in (self.q, self.d):
            nn.init.normal_(e.weight, std=0.4)

    def forward(self, Q, Dm):
        return torch.einsum("bk,bnk->bn", self.q(Q).mean(1), self.d(Dm).mean(2)) * 5


def plackett_luce_nll(s, order):
    s = s.gather(1, order)                                      # best first
    rest = s.flip(1).logcumsumexp(1).flip(1)                    # log-sum of those not yet placed
    return (rest - s).sum(1).mean()


Qtr, Dtr, Otr, Utr = sample(2500)
Qte, Dte, Ote, Ute = sample(300)
model = TwoTower()
optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.6)
chance = np.log(np.arange(1, n_docs + 1)).sum()
print("nll of a random order: %.3f" % chance)
gain = lambda O: np.argsort(O.numpy(), 1).max() - np.argsort(O.numpy(), 1)    # 7 for the first, 0 for the last
for epoch in range(8):
    run = []
    for b in torch.randperm(len(Qtr)).split(40):
        loss = plackett_luce_nll(model(Qtr[b], Dtr[b]), Otr[b])
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        run.append(loss.item())
    scheduler.step()
    with torch.no_grad():
        s = model(Qte, Dte)
        val = plackett_luce_nll(s, Ote).item()
    print("epoch %d  nll %.3f  test nll %.3f  NDCG@5 %.3f" % (
        epoch, np.mean(run), val, ndcg_score(gain(Ote), s.numpy(), k=5)))
print("NDCG@5: random scores %.3f, true utilities %.3f" % (
    ndcg_score(gain(Ote), np.random.rand(300, n_docs), k=5), ndcg_score(gain(Ote), Ute, k=5)))
