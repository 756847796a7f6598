# Entity typing from graph neighbourhoods: relation-aware attention over an entity's edges (cf. KBGAT),
# scratch version. Entities of the long tail have a few edges only.
import math
import numpy as np
import torch
import torch.nn as nn

rs = np.random.RandomState(21)
torch.manual_seed(21)

TYPES = ['person', 'place', 'work', 'organisation']
N, RELS, MAXDEG = 1800, 9, 8
SELF = RELS                              # index of the relation "is itself"
# p(relation | type of the source), some relations are shared between types
profile = rs.dirichlet([0.35] * RELS, size=len(TYPES))
gold = rs.randint(0, len(TYPES), N)
# surface name: five character-trigram ids, with weak hints at the type
hint = rs.dirichlet([0.25] * 60, size=len(TYPES))
names = np.stack([rs.choice(60, 5, p=hint[t]) for t in gold])

edges = []
for e in range(N):
    deg = rs.randint(0, MAXDEG)
    rel = rs.choice(RELS, deg, p=profile[gold[e]])
    edges.append([(r, rs.randint(N)) for r in rel])

rel_ids = np.zeros((N, MAXDEG), dtype=np.int64)
nei_ids = np.zeros((N, MAXDEG), dtype=np.int64)
valid = np.zeros((N, MAXDEG), dtype=bool)
for e, es in enumerate(edges):
    # fault:
    row = es
    # mended:
    # row = [(SELF, e)] + es
    # end
    for j, (r, t) in enumerate(row):
        rel_ids[e, j], nei_ids[e, j], valid[e, j] = r, t, True

rel_ids, nei_ids, valid = map(torch.from_numpy, (rel_ids, nei_ids, valid))
names, gold = torch.from_numpy(names), torch.from_numpy(gold)
perm = torch.from_numpy(rs.permutation(N))
tr, te = perm[:1400], perm[1400:]


class NeighbourTyper(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.tri = nn.EmbeddingBag(60, d, mode='mean')
        self.rel = nn.Embedding(RELS + 1, d)
        self.q, self.k, self.v = nn.Linear(d, d), nn.Linear(2 * d, d), nn.Linear(2 * d, d)
        self.out = nn.Sequential(nn.Linear(2 * d, d), nn.ReLU(), nn.Linear(d, len(TYPES)))

    def forward(self, ent):
        me = self.tri(names[ent])
        around = self.tri(names[nei_ids[ent]].flatten(0, 1)).view(len(ent), MAXDEG, -1)
        msg = torch.cat([self.rel(rel_ids[ent]), around], -1)
        w = torch.einsum('bd,bnd->bn', self.q(me), self.k(msg)) / math.sqrt(me.size(-1))
        w = w.masked_fill(~valid[ent], float('-inf')).softmax(-1)
        ctx = torch.einsum('bn,bnd->bd', w, self.v(msg))
        return self.out(torch.cat([me, ctx], -1))


model = NeighbourTyper()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
lossf = nn.CrossEntropyLoss()


def micro(ids):
    model.eval()
    with torch.no_grad():
        return (model(ids).argmax(-1) == gold[ids]).double().mean().item()


for epoch in range(1, 6):
    model.train()
    seen = 0.
    for b in tr[torch.randperm(len(tr))].split(40):
        loss = lossf(model(b), gold[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        seen += loss.item() * len(b)
    print(f'epoch {epoch}  loss {seen / len(tr):.4f}  train {micro(tr):.3f}  held-out {micro(te):.3f}')
