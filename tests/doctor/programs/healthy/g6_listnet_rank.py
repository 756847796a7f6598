# Listwise ranking (ListNet) of short token documents for a query; graded relevance 0..3, NDCG@5.
import numpy as np
import torch
import torch.nn as nn

np.random.seed(13)
torch.manual_seed(13)
TOPICS, PER, NOISE = 12, 9, 40
PAD = 0
topic_words = [1 + t * PER + np.arange(PER) for t in range(TOPICS)]
noise_words = 1 + TOPICS * PER + np.arange(NOISE)
V = 1 + TOPICS * PER + NOISE
DOCS, QLEN, DLEN = 10, 3, 12


def one_query():
    t = np.random.randint(TOPICS)
    q = np.random.choice(topic_words[t], QLEN, replace=False)
    docs, grades = np.zeros((DOCS, DLEN), int), np.zeros(DOCS, int)
    for d in range(DOCS):
        g = np.random.choice(4, p=[.5, .2, .2, .1])
        other = (t + np.random.randint(1, TOPICS)) % TOPICS
        body = list(np.random.choice(topic_words[t], 2 * g)) + list(np.random.choice(topic_words[other], 2))
        body += list(np.random.choice(noise_words, np.random.randint(2, DLEN - len(body) + 1)))
        np.random.shuffle(body)
        docs[d, :len(body)] = body
        grades[d] = g
    if grades.max() == 0 or len(set(grades)) < 3:
        return one_query()
    return q, docs, grades


def build(n):
    q, d, g = zip(*[one_query() for _ in range(n)])
    return torch.tensor(np.array(q)), torch.tensor(np.array(d)), torch.tensor(np.array(g))


class Ranker(nn.Module):
    """kernel pooling over the cosine match matrix (K-NRM)"""

    def __init__(self, n, dim=24, kernels=7):
        super().__init__()
        self.emb = nn.Embedding(n, dim, padding_idx=PAD)
        self.register_buffer("mu", torch.linspace(-0.5, 0.95, kernels))
        self.mlp = nn.Linear(kernels, 1)

    def forward(self, q, docs):
        qe = nn.functional.normalize(self.emb(q), dim=-1, eps=1e-6)
        de = nn.functional.normalize(self.emb(docs), dim=-1, eps=1e-6)
        m = torch.einsum("bqe,bnde->bnqd", qe, de).unsqueeze(-1)
        k = torch.exp(-(m - self.mu) ** 2 / (2 * 0.15 ** 2))
        k = k * (docs != PAD)[:, :, None, :, None]
        return self.mlp(torch.log1p(k.sum(3)).sum(2)).squeeze(-1)


def listnet(scores, grades):
    target = torch.softmax(grades.float(), 1)
    return -(target * torch.log_softmax(scores, 1)).sum(1).mean()


def ndcg(scores, grades, k=5):
    disc = 1 / torch.log2(torch.arange(k) + 2.0)
    gain = 2.0 ** grades - 1
    got = gain.gather(1, scores.argsort(1, descending=True)[:, :k])
    best = gain.sort(1, descending=True).values[:, :k]
    return ((got * disc).sum(1) / (best * disc).sum(1)).mean().item()


train, test = build(600), build(200)
model = Ranker(V)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
model.eval()
with torch.no_grad():
    print("random order NDCG@5 %.3f, untrained %.3f" % (ndcg(torch.rand(200, DOCS), test[2]), ndcg(model(*test[:2]), test[2])))
for epoch in range(8):
    model.train()
    for ix in torch.randperm(600).split(20):
        loss = listnet(model(train[0][ix], train[1][ix]), train[2][ix])
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        a, b = model(*train[:2]), model(*test[:2])
    print("epoch %d train loss %.3f ndcg %.3f | test loss %.3f ndcg %.3f" % (
        epoch + 1, listnet(a, train[2]), ndcg(a, train[2]), listnet(b, test[2]), ndcg(b, test[2])))
