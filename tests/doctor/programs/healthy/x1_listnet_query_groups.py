"""Learning to rank: one score per document, softmax over the documents of a query (ListNet). Scored by NDCG."""
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(30)
torch.manual_seed(30)
FEATS, MAXDOC = 10, 14


def query():
    n = rng.integers(5, MAXDOC + 1)
    f = rng.normal(size=(n, FEATS)).astype(np.float32)
    util = 1.2 * f[:, 0] - 0.8 * f[:, 1] + f[:, 2] * f[:, 3] + 0.6 * np.abs(f[:, 4]) + rng.normal(0, .3, n)
    grade = np.digitize(util, [-0.5, 1.0, 2.0])
    f += 2.0 * rng.normal(size=FEATS).astype(np.float32) * (np.arange(FEATS) >= 7)   # query-wide shift, says nothing
    return f, grade


class Scorer(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(FEATS, 48), nn.SiLU(), nn.Linear(48, 24), nn.SiLU())
        self.score = nn.Linear(24, 1, bias=False)      # a constant would change no ranking

    def forward(self, docs):
        return self.score(self.body(docs)).squeeze(-1)


class Ranker:
    def __init__(self, lr, batch):
        self.net, self.batch = Scorer(), batch
        self.opt = torch.optim.RMSprop(self.net.parameters(), lr=lr)

    def pad(self, queries):
        docs = torch.zeros(len(queries), MAXDOC, FEATS)
        gain = torch.zeros(len(queries), MAXDOC)
        there = torch.zeros(len(queries), MAXDOC, dtype=torch.bool)
        for k, (f, g) in enumerate(queries):
            docs[k, :len(g)], gain[k, :len(g)], there[k, :len(g)] = torch.from_numpy(f), torch.from_numpy(g).float(), True
        return docs, gain, there

    def list_loss(self, docs, gain, there):
        s = self.net(docs).masked_fill(~there, -1e9)
        want = gain.masked_fill(~there, -1e9).softmax(1)
        return -(want * s.log_softmax(1)).sum(1).mean()

    def run_epoch(self, queries):
        order, tot = rng.permutation(len(queries)), 0.0
        for k in range(0, len(order), self.batch):
            rows = [queries[i] for i in order[k:k + self.batch]]
            loss = self.list_loss(*self.pad(rows))
            self.opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.net.parameters(), 2.0)
            self.opt.step()
            tot += loss.item() * len(rows)
        return tot / len(queries)

    @torch.no_grad()
    def ndcg(self, queries, k=5):
        disc, out = 1 / np.log2(np.arange(2, k + 2)), []
        for f, g in queries:
            if g.max() == 0:
                continue
            got = (2.0 ** g - 1)[np.argsort(-self.net(torch.from_numpy(f)).numpy())][:k]
            best = np.sort(2.0 ** g - 1)[::-1][:k]
            out.append((got @ disc) / (best @ disc))
        return float(np.mean(out))


train, valid = [query() for _ in range(2000)], [query() for _ in range(400)]
ranker = Ranker(lr=3e-3, batch=40)
print(f"untrained ndcg@5 {ranker.ndcg(valid):.3f}")
for epoch in range(8):
    if epoch in (4, 6):
        for g in ranker.opt.param_groups:
            g["lr"] /= 3
    print(f"epoch {epoch} list loss {ranker.run_epoch(train):.4f} ndcg@5 valid {ranker.ndcg(valid):.4f}")
print(f"ndcg@5 train {ranker.ndcg(train[:400]):.4f}")
