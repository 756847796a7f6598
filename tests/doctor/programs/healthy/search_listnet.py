"""Learning to rank: ListNet over the candidate list of each query (lists of different length)."""
import random
import torch
import torch.nn as nn

random.seed(90)
torch.manual_seed(90)
TOPICS = [[f"{stem}{i}" for i in range(12)] for stem in ("guitar", "soccer", "cake", "linux", "garden", "tax", "cat", "train")]
COMMON = [f"w{i}" for i in range(40)]


def make_query():
    t = random.randrange(len(TOPICS))
    q = random.sample(TOPICS[t], 2) + random.sample(COMMON, 1)
    docs, rel = [], []
    for _ in range(random.randint(5, 10)):
        g = random.choice([0, 0, 0, 1, 1, 2])
        other = random.choice([k for k in range(len(TOPICS)) if k != t])
        d = random.choices(COMMON, k=8)
        if g == 0:
            d += random.choices(TOPICS[other], k=4)
        elif g == 1:
            d += random.choices(TOPICS[t], k=2) + random.choices(TOPICS[other], k=2)
        else:
            d += random.choices(TOPICS[t], k=5)
        random.shuffle(d)
        docs.append(d)
        rel.append(g)
    return q, docs, rel


queries = [make_query() for _ in range(900)]
vocab = {w: i + 1 for i, w in enumerate(sum(TOPICS, []) + COMMON)}
train, dev = queries[:750], queries[750:]


def to_tensors(qs):
    Q = torch.tensor([[vocab[w] for w in q] for q, _, _ in qs])
    n = max(len(d) for _, d, _ in qs)
    D = torch.zeros(len(qs), n, 13, dtype=torch.long)
    R = torch.full((len(qs), n), -1.0)
    for i, (_, docs, rel) in enumerate(qs):
        for j, d in enumerate(docs):
            D[i, j, :len(d)] = torch.tensor([vocab[w] for w in d])
            R[i, j] = rel[j]
    return Q, D, R


class Ranker(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.score = nn.Sequential(nn.Linear(3 * d, 48), nn.ReLU(), nn.Linear(48, 1))

    def forward(self, Q, D):
        q = self.emb(Q).mean(1)[:, None].expand(-1, D.size(1), -1)
        m = (D > 0).float().unsqueeze(-1)
        d = (self.emb(D) * m).sum(2) / m.sum(2).clamp(min=1)
        return self.score(torch.cat([q, d, q * d], -1)).squeeze(-1)


def listnet(s, R):
    hole = R < 0
    target = R.masked_fill(hole, -torch.inf).softmax(1)
    logp = s.masked_fill(hole, -1e9).log_softmax(1)
    return -(target * logp).sum(1).mean()


def ndcg(s, R, k=5):
    out = []
    for a, r in zip(s, R):
        a, r = a[r >= 0], r[r >= 0]
        disc = 1 / torch.log2(torch.arange(2, 2 + min(k, len(r))).float())
        gain = lambda o: ((2 ** r[o][:k] - 1) * disc).sum()
        best = gain(r.argsort(descending=True))
        if best > 0:
            out.append((gain(a.argsort(descending=True)) / best).item())
    return sum(out) / len(out)


Qt, Dt, Rt = to_tensors(train)
Qd, Dd, Rd = to_tensors(dev)
model = Ranker()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
print("random order nDCG@5 %.3f" % ndcg(torch.rand(Rd.shape), Rd))
for epoch in range(12):
    tot = 0
    for b in torch.randperm(len(train)).split(25):
        loss = listnet(model(Qt[b], Dt[b]), Rt[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        tot += loss.item()
    for grp in optimizer.param_groups:
        grp["lr"] *= 0.8
    with torch.no_grad():
        print("epoch %d loss %.4f nDCG@5 train %.3f dev %.3f" % (epoch, tot / 30, ndcg(model(Qt[:150], Dt[:150]), Rt[:150]), ndcg(model(Qd, Dd), Rd)))
