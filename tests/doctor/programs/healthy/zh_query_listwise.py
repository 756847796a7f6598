# Search relevance: ListNet over the eight candidates of each query, one list = one row, NDCG as the score
import numpy as np
import torch
import torch.nn as nn

rs = np.random.RandomState(55)
torch.manual_seed(55)
TOPICS, PER, C = 12, 15, 8
centres = rs.randn(TOPICS, 20)
emb = torch.tensor(np.vstack([np.zeros((1, 20)), np.repeat(centres, PER, 0) + .6 * rs.randn(TOPICS * PER, 20)]), dtype=torch.float32)


def words(t, n):
    return 1 + t * PER + rs.randint(PER, size=n)


def query():
    q = rs.randint(TOPICS)
    docs, rel = np.zeros((C, 6), int), np.zeros(C)
    for c in range(C):
        k = rs.choice([0, 0, 0, 2, 4])                   # how many words of the document belong to the query's topic
        other = (q + 1 + rs.randint(TOPICS - 1)) % TOPICS
        docs[c] = np.concatenate([words(q, k), words(other, 6 - k)])
        rel[c] = k / 2
    return words(q, 3), docs, rel


def build(n):
    q, d, r = zip(*(query() for _ in range(n)))
    return torch.tensor(np.array(q)), torch.tensor(np.array(d)), torch.tensor(np.array(r), dtype=torch.float32)


train, test = build(900), build(300)


class Ranker(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer('table', emb)              # public vectors, never tuned
        self.q, self.d = nn.Linear(20, 24), nn.Linear(20, 24)
        self.scale = nn.Parameter(torch.tensor(1.))

    def forward(self, q, d):
        a = torch.tanh(self.q(self.table[q].mean(1)))
        b = torch.tanh(self.d(self.table[d])).mean(2)
        return self.scale * torch.einsum('bh,bch->bc', a, b)


def ndcg(s, r):
    disc = 1 / torch.log2(torch.arange(C) + 2.)
    got = ((2 ** r.gather(1, s.argsort(1, descending=True)) - 1) * disc).sum(1)
    best = ((2 ** r.sort(1, descending=True).values - 1) * disc).sum(1)
    return (got[best > 0] / best[best > 0]).mean().item()


model = Ranker()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
print('random order NDCG %.3f' % ndcg(torch.rand(300, C), test[2]))
for ep in range(8):
    tot = 0.
    for b in torch.randperm(900).split(30):
        q, d, r = (t[b] for t in train)
        loss = -(torch.softmax(2 * r, 1) * torch.log_softmax(model(q, d), 1)).sum(1).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / 30
    with torch.no_grad():
        print('epoch %d listnet %.4f NDCG train %.3f test %.3f' % (ep + 1, tot, ndcg(model(*train[:2]), train[2]), ndcg(model(*test[:2]), test[2])))
