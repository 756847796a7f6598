"""Dual encoder for an FAQ desk. In-batch negatives, temperature, symmetric loss; judged by recall@k among ALL held-out answers."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(31)
torch.manual_seed(31)

# Questions and answers use different words for the same concepts (q12 <-> a12), as customers and lawyers do.
CONCEPTS = 90
QWORDS = {c: [f"q{c}x", f"q{c}y"] for c in range(CONCEPTS)}
AWORDS = {c: [f"a{c}x", f"a{c}y", f"a{c}z"] for c in range(CONCEPTS)}
QFILL = "how do i can what is the my when does it why".split()
AFILL = "please note that customers may under the terms of section in accordance with our shall be".split()


def item():
    cs = frozenset(random.sample(range(CONCEPTS), 3))
    q = [random.choice(QWORDS[c]) for c in cs] + random.choices(QFILL, k=random.randint(2, 6))
    a = [w for c in cs for w in random.sample(AWORDS[c], 2)] + random.choices(AFILL, k=random.randint(3, 9))
    random.shuffle(q); random.shuffle(a)
    return cs, q, a


items = {}
while len(items) < 3400:
    cs, q, a = item()
    items.setdefault(cs, (q, a))
items = list(items.values())
train, held = items[:3000], items[3000:]
stoi = {}
for q, a in train:
    for w in q + a:
        stoi.setdefault(w, len(stoi))


def bag(texts):
    rows = [[stoi[w] for w in t if w in stoi] for t in texts]
    off = torch.tensor([0] + [len(r) for r in rows[:-1]]).cumsum(0)
    return torch.tensor([i for r in rows for i in r]), off


class Tower(nn.Module):
    def __init__(self, table, d):
        super().__init__()
        self.table = table                      # both towers look up in the same table
        self.proj = nn.Sequential(nn.Linear(d, d), nn.Tanh(), nn.Linear(d, d))

    def forward(self, ids, off):
        e = self.table(ids, off)
        return F.normalize(e + self.proj(e), dim=-1)


D = 48
table = nn.EmbeddingBag(len(stoi), D, mode="mean", sparse=True)
q_tower, a_tower = Tower(table, D), Tower(table, D)
log_t = nn.Parameter(torch.tensor(0.1).log())
params = list(q_tower.proj.parameters()) + list(a_tower.proj.parameters())
opt = torch.optim.Adam([{"params": params}, {"params": [log_t], "lr": 5e-4}], lr=4e-3)
opt_table = torch.optim.SparseAdam(table.parameters(), lr=4e-3)            # a batch touches few rows
B = 100


def similarity(qs, as_):
    return q_tower(*bag(qs)) @ a_tower(*bag(as_)).T


for epoch in range(1, 19):
    random.shuffle(train)
    tot = 0.0
    for k in range(0, len(train), B):
        q, a = zip(*train[k:k + B])
        s = similarity(q, a) / log_t.exp()
        gold = torch.arange(len(q))
        loss = 0.5 * (F.cross_entropy(s, gold) + F.cross_entropy(s.T, gold))
        for o in (opt, opt_table):
            o.zero_grad()
        loss.backward()
        for o in (opt, opt_table):
            o.step()
        tot += loss.item() * B
    if epoch % 3 == 0:
        with torch.no_grad():
            q, a = zip(*held)
            rank = (lambda s: (s > s.diag()[:, None]).sum(1))(similarity(q, a))
        print(f"epoch {epoch:2d} loss {tot / len(train):.3f} temperature {log_t.exp().item():.3f} held-out: R@1 {(rank < 1).float().mean():.3f} R@5 {(rank < 5).float().mean():.3f} MRR {(1 / (rank + 1.)).mean():.3f} (chance R@1 {1 / len(held):.4f})")
