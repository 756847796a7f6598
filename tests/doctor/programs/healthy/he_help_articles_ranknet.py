"""Rank help articles for a query (graded relevance 0, 1, 2). Pairwise logistic loss inside each list, four lists per step of the optimizer."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(131)
torch.manual_seed(131)
TOPICS, PER, COMMON = 20, 8, 40
V = TOPICS * PER + COMMON + 1           # 0 is padding


def topic_word(t):
    return 1 + t * PER + int(rng.integers(PER))


def common():
    return 1 + TOPICS * PER + int(rng.integers(COMMON))


def make_list():
    a, b = rng.choice(TOPICS, 2, replace=False)
    query = [topic_word(a), topic_word(b)] + [common() for _ in range(2)]
    docs, rels = [], []
    for _ in range(int(rng.integers(5, 11))):
        rel = int(rng.choice(3, p=[0.5, 0.3, 0.2]))
        if rel == 2:
            ts = [a, b]
        elif rel == 1:
            ts = [rng.choice([a, b]), int(rng.choice([t for t in range(TOPICS) if t not in (a, b)]))]
        else:
            ts = list(rng.choice([t for t in range(TOPICS) if t not in (a, b)], 2, replace=False))
        words = [topic_word(t) for t in ts for _ in range(2)] + [common() for _ in range(int(rng.integers(3, 7)))]
        docs.append(words)
        rels.append(rel)
    return query, docs, rels


def usable(item):
    return len(set(item[2])) > 1


lists = [x for x in (make_list() for _ in range(1900)) if usable(x)]
train, dev = lists[:1500], lists[1500:]


def tensors(item):
    query, docs, rels = item
    d = torch.zeros(len(docs), max(map(len, docs)), dtype=torch.long)
    for i, ws in enumerate(docs):
        d[i, :len(ws)] = torch.tensor(ws)
    return torch.tensor(query), d, torch.tensor(rels)


class Ranker(nn.Module):
    """kernel pooling over the cosine of every query word with every document word"""

    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(V, d, padding_idx=0)
        self.register_buffer("mu", torch.tensor([1.0, 0.7, 0.4, 0.1, -0.2]))
        self.mix = nn.Linear(5, 1, bias=False)

    def forward(self, query, docs):
        q, d = F.normalize(self.emb(query), dim=-1), F.normalize(self.emb(docs), dim=-1, eps=1e-6)
        cos = torch.einsum("qe,nwe->nqw", q, d)
        k = torch.exp(-((cos.unsqueeze(-1) - self.mu) ** 2) / 0.08) * (docs != 0)[:, None, :, None]
        return self.mix(torch.log1p(k.sum(2)).sum(1)).squeeze(-1)


def pair_loss(s, rel):
    better = rel.unsqueeze(1) > rel.unsqueeze(0)
    return F.softplus(s.unsqueeze(0) - s.unsqueeze(1))[better].mean()


def ndcg(model):
    res = []
    with torch.no_grad():
        for q, d, r in dev_tensors:
            gain = (2.0 ** r - 1)
            disc = 1 / torch.log2(torch.arange(2, len(r) + 2).float())
            res.append(((gain[model(q, d).argsort(descending=True)] * disc).sum() / (gain.sort(descending=True).values * disc).sum()).item())
    return np.mean(res)


train_tensors, dev_tensors = [tensors(x) for x in train], [tensors(x) for x in dev]
model = Ranker()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 6)
print(f"untrained nDCG {ndcg(model):.3f}")
for epoch in range(5):
    total = 0.0
    opt.zero_grad()
    for n, i in enumerate(torch.randperm(len(train)).tolist(), 1):
        q, d, r = train_tensors[i]
        loss = pair_loss(model(q, d), r)
        (loss / 4).backward()
        total += loss.item()
        if n % 4 == 0 or n == len(train):
            opt.step()
            opt.zero_grad()
    sched.step()
    print(f"epoch {epoch + 1} pair loss {total / len(train):.4f} dev nDCG {ndcg(model):.3f}")
