# FAQ search: order the candidate answers of a question.  Listwise softmax (ListNet), lists of unequal length.
import random
import numpy as np
import torch
from torch import nn

random.seed(31); np.random.seed(31); torch.manual_seed(31)
TOPICS, PER = 12, 14
q_words = [[f"q{t}_{i}" for i in range(PER)] for t in range(TOPICS)]
a_words = [[f"a{t}_{i}" for i in range(PER)] for t in range(TOPICS)]
common = [f"c{i}" for i in range(30)]
ids = {w: i for i, w in enumerate([w for g in q_words + a_words for w in g] + common)}
L = 7


def text(groups, t, n_topic):
    ws = random.choices(groups[t], k=n_topic) + random.choices(common, k=L - n_topic)
    return [ids[w] for w in ws]


def query():
    t = random.randrange(TOPICS)
    n = random.randint(4, 9)
    grades = [2, 1] + [0] * (n - 2)
    random.shuffle(grades)
    cands = []
    for g in grades:
        if g:
            cands.append(text(a_words, t, 5 if g == 2 else 2))
        else:
            cands.append(text(a_words, random.choice([k for k in range(TOPICS) if k != t]), random.randint(2, 5)))
    return text(q_words, t, 4), cands, grades


def tensorize(qs):
    m = max(len(q[1]) for q in qs)
    docs = torch.zeros(len(qs), m, L, dtype=torch.long)
    rel = torch.zeros(len(qs), m)
    mask = torch.zeros(len(qs), m, dtype=torch.bool)
    for i, (_, c, g) in enumerate(qs):
        docs[i, :len(c)] = torch.tensor(c)
        rel[i, :len(c)] = torch.tensor(g, dtype=torch.float)
        mask[i, :len(c)] = True
    return torch.tensor([q[0] for q in qs]), docs, rel, mask


class Ranker(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.words = nn.Embedding(len(ids), d)
        nn.init.normal_(self.words.weight, std=0.3)

    def forward(self, q, docs):
        return torch.einsum("bd,bnd->bn", self.words(q).mean(1), self.words(docs).mean(2)) * 4


def ndcg(score, rel, mask):
    score = score.masked_fill(~mask, -1e9)
    disc = 1 / torch.log2(torch.arange(rel.size(1)) + 2.0)
    dcg = lambda order: ((2 ** rel.gather(1, order) - 1) * disc).sum(1)
    return (dcg(score.argsort(1, descending=True)) / dcg(rel.argsort(1, descending=True))).mean().item()


train, dev = [query() for _ in range(2400)], [query() for _ in range(400)]
net = Ranker()
opt = torch.optim.Adagrad(net.parameters(), lr=0.1)
tr_all, dv_all = tensorize(train), tensorize(dev)
print("untrained ndcg %.3f" % ndcg(net(*dv_all[:2]).detach(), *dv_all[2:]))
for epoch in range(6):
    total = 0
    for part in np.array_split(np.random.permutation(len(train)), 48):
        q, docs, rel, mask = tensorize([train[i] for i in part])
        logp = net(q, docs).masked_fill(~mask, -1e9).log_softmax(1)
        target = rel / rel.sum(1, keepdim=True)
        loss = -(target * logp).sum(1).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        print("epoch %d listnet %.3f  ndcg train %.4f dev %.4f" %
              (epoch, total / 48, ndcg(net(*tr_all[:2]), *tr_all[2:]), ndcg(net(*dv_all[:2]), *dv_all[2:])))
