"""Re-ranking of search results: listwise softmax loss on graded relevance, lists of unequal length."""
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(90)
torch.manual_seed(90)
TERMS, D = 120, 12
topic = rng.integers(0, 12, TERMS)


def session():
    q = rng.integers(0, TERMS, 2)
    docs, grades = [], []
    for _ in range(rng.integers(4, 13)):
        d = rng.integers(0, TERMS, 5)
        on = rng.random(5) < rng.choice([0, .3, .8])
        d[on] = rng.choice(np.where(np.isin(topic, topic[q]))[0], on.sum())
        overlap = np.isin(topic[d], topic[q]).sum()
        docs.append(d)
        grades.append({0: 0, 1: 0, 2: 1, 3: 2}.get(int(overlap), 3))
    return q, np.array(docs), np.array(grades)


def usable(n):
    out = []
    while len(out) < n:
        s = session()
        if s[2].max() > s[2].min():
            out.append(s)
    return out


class Ranker(nn.Module):
    def __init__(self):
        super().__init__()
        self.term = nn.Embedding(TERMS, D)
        self.mlp = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, q, d):                                  # (B, 2), (B, L, 5)
        a = nn.functional.normalize(self.term(q), dim=-1)
        b = nn.functional.normalize(self.term(d), dim=-1)
        sim = torch.einsum("bqe,blte->blqt", a, b)
        best = sim.amax(2)
        feats = torch.stack([best.mean(-1), best.amax(-1), sim.mean((2, 3)), (best * 4).tanh().mean(-1)], -1)
        return self.mlp(feats).squeeze(-1)


def tensors(part):
    L = max(len(g) for _, _, g in part)
    q = torch.from_numpy(np.stack([s[0] for s in part]))
    d = torch.zeros(len(part), L, 5, dtype=torch.long)
    rel = torch.zeros(len(part), L)
    real = torch.zeros(len(part), L, dtype=torch.bool)
    for i, (_, docs, g) in enumerate(part):
        d[i, :len(g)], rel[i, :len(g)], real[i, :len(g)] = torch.from_numpy(docs), torch.from_numpy(g).float(), True
    return q, d, rel, real


def ndcg(model, part, k=5):
    q, d, rel, real = tensors(part)
    with torch.no_grad():
        s = model(q, d).masked_fill(~real, float("-inf"))
    gain = (2 ** rel - 1) * real
    disc = 1 / torch.log2(torch.arange(k) + 2.0)
    take = lambda order: (gain.gather(1, order[:, :k]) * disc).sum(1)
    return (take(s.argsort(1, descending=True)) / take(gain.argsort(1, descending=True))).mean().item()


train, dev = usable(1000), usable(250)
model = Ranker()
opt = torch.optim.Adam(model.parameters(), lr=3e-2)
print(f"untrained nDCG@5 {ndcg(model, dev):.3f}")
for epoch in range(5):
    rng.shuffle(order := np.arange(len(train)))
    losses = []
    for i in range(0, len(order), 30):
        q, d, rel, real = tensors([train[j] for j in order[i:i + 30]])
        score = model(q, d).masked_fill(~real, -1e9)
        want = (2 ** rel - 1) * real
        want = want / want.sum(1, keepdim=True)
        loss = -(want * torch.log_softmax(score, dim=1)).sum(1).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        losses.append(loss.item())
    print(f"epoch {epoch} listwise loss {np.mean(losses):.4f} nDCG@5 train {ndcg(model, train[:300]):.3f} dev {ndcg(model, dev):.3f}")
