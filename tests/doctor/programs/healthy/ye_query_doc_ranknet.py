import numpy as np
import torch
from torch import nn
# RankNet on (query, 8 documents) lists with graded relevance. Query words and document words come from different
# vocabularies, so the model has to learn which belong together.

rng = np.random.default_rng(12)
torch.manual_seed(12)
TOPICS, QW, DW, NDOC, DLEN = 12, 10, 15, 8, 12


def make_lists(n):
    topic = rng.integers(TOPICS, size=n)
    q = topic[:, None] * QW + rng.integers(QW, size=(n, 3))
    share = rng.uniform(0, 0.8, size=(n, NDOC))
    on_topic = rng.random((n, NDOC, DLEN)) < share[..., None]
    t = np.where(on_topic, topic[:, None, None], rng.integers(TOPICS, size=(n, NDOC, DLEN)))
    d = t * DW + rng.integers(DW, size=t.shape)
    grade = np.digitize((t == topic[:, None, None]).sum(-1), [2, 4, 6, 8])          # 0..4
    return torch.tensor(q), torch.tensor(d), torch.tensor(grade, dtype=torch.float32)


class Ranker(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.q = nn.EmbeddingBag(TOPICS * QW, dim, mode="mean", sparse=True)
        self.d = nn.EmbeddingBag(TOPICS * DW, dim, mode="mean", sparse=True)
        self.W = nn.Parameter(torch.eye(dim))
        nn.init.normal_(self.q.weight, std=0.3)
        nn.init.normal_(self.d.weight, std=0.3)

    def forward(self, q, d):
        n, k, m = d.shape
        docs = self.d(d.reshape(n * k, m)).view(n, k, -1)
        return torch.einsum("ne,ef,nkf->nk", self.q(q), self.W, docs)


def ndcg(scores, grade, k=5):
    gain, disc = 2 ** grade - 1, 1 / torch.log2(torch.arange(2, k + 2).float())
    top = gain.gather(1, scores.argsort(1, descending=True)[:, :k])
    best = gain.sort(1, descending=True)[0][:, :k]
    ideal = (best * disc).sum(1)
    ok = ideal > 0
    return ((top * disc).sum(1)[ok] / ideal[ok]).mean().item()


q, d, g = make_lists(2400)
qv, dv, gv = make_lists(400)
model = Ranker()
sparse_opt = torch.optim.SparseAdam([model.q.weight, model.d.weight], lr=0.03)
dense_opt = torch.optim.Adam([model.W], lr=0.01)
scheds = [torch.optim.lr_scheduler.ExponentialLR(o, 0.6) for o in (sparse_opt, dense_opt)]
with torch.no_grad():
    print(f"random order would give {ndcg(torch.rand(400, NDOC), gv):.3f}; untrained model {ndcg(model(qv, dv), gv):.3f}")
for epoch in range(6):
    tot = []
    for idx in torch.randperm(len(q)).split(40):
        s = model(q[idx], d[idx])
        better = (g[idx].unsqueeze(2) > g[idx].unsqueeze(1)).float()          # i should stand before j
        margin = s.unsqueeze(2) - s.unsqueeze(1)
        loss = (better * nn.functional.softplus(-margin)).sum() / better.sum()
        sparse_opt.zero_grad(); dense_opt.zero_grad()
        loss.backward()
        sparse_opt.step(); dense_opt.step()
        tot.append(loss.item())
    for sc in scheds:
        sc.step()
    with torch.no_grad():
        print(f"epoch {epoch + 1}  pair loss {np.mean(tot):.4f}  NDCG@5 train {ndcg(model(q[:400], d[:400]), g[:400]):.4f}  test {ndcg(model(qv, dv), gv):.4f}")
