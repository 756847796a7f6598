"""Pairwise learning to rank with sparse hashed text towers (EmbeddingBag + SparseAdam for tables, Adam for the scorer).
Query and document come from latent topics; the document of the same topic must be ranked above 9 others."""
import numpy as np
import torch
import torch.nn as nn

SEED = 1234
rs = np.random.RandomState(SEED)
torch.manual_seed(SEED)
TOPICS, QV, DV = 30, 240, 400
q_topic = rs.dirichlet(np.full(QV, 0.05), TOPICS)
d_topic = rs.dirichlet(np.full(DV, 0.02), TOPICS)


def sample(topic, table, vocab, n):
    words = np.where(rs.rand(n) < 0.85, rs.choice(vocab, n, p=table[topic]), rs.randint(0, vocab, n))
    return torch.from_numpy(words)


def make(n, n_neg, taken):
    Q, P, N = [], [], []
    while len(Q) < n:
        t = rs.randint(TOPICS)
        q = sample(t, q_topic, QV, 6)
        key = tuple(sorted(q.tolist()))
        if key in taken:
            continue
        taken.add(key)
        others = rs.choice([k for k in range(TOPICS) if k != t], n_neg, replace=False)
        Q.append(q)
        P.append(sample(t, d_topic, DV, 10))
        N.append(torch.stack([sample(o, d_topic, DV, 10) for o in others]))
    return torch.stack(Q), torch.stack(P), torch.stack(N)


queries = set()
Q, P, N = make(3000, 2, queries)
tq, tp, tn = make(300, 9, queries)


class Towers(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.q = nn.EmbeddingBag(QV, dim, mode="mean", sparse=True)
        self.d = nn.EmbeddingBag(DV, dim, mode="mean", sparse=True)
        self.mix = nn.Bilinear(dim, dim, 1)

    def forward(self, q, d):
        return self.mix(self.q(q), self.d(d)).squeeze(-1)


def mrr(model, q, p, n):
    model.eval()
    with torch.no_grad():
        pos = model(q, p)
        neg = torch.stack([model(q, n[:, j]) for j in range(n.shape[1])], 1)
    model.train()
    rank = 1 + (neg >= pos.unsqueeze(1)).sum(1)
    return (1.0 / rank).mean().item(), (rank == 1).float().mean().item()


model = Towers()
tables = torch.optim.SparseAdam([model.q.weight, model.d.weight], lr=1e-2)
dense = torch.optim.Adam(model.mix.parameters(), lr=3e-3)
hinge = nn.MarginRankingLoss(margin=1.0)
print("before training: MRR %.3f P@1 %.3f" % mrr(model, tq, tp, tn))
for epoch in range(1, 7):
    total = 0.0
    for idx in torch.randperm(len(Q)).split(50):
        s_pos = model(Q[idx], P[idx])
        loss = sum(hinge(s_pos, model(Q[idx], N[idx, j]), torch.ones(len(idx))) for j in range(2)) / 2
        tables.zero_grad()
        dense.zero_grad()
        loss.backward()
        tables.step()
        dense.step()
        total += loss.item() * len(idx)
    print("epoch %2d loss %.4f  test MRR %.3f P@1 %.3f" % ((epoch, total / len(Q)) + mrr(model, tq, tp, tn)))
print("random MRR would be %.3f" % np.mean([1 / k for k in range(1, 11)]))
