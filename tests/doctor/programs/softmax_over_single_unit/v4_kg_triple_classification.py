"""Triple classification on a small typed knowledge graph (bilinear features per relation + logistic unit).

(head, relation, tail) -> is it a fact?  Negatives corrupt the tail, one per positive.
"""
import random
import torch
from torch import nn

random.seed(3)
torch.manual_seed(3)

N_TYPES, PER_TYPE, N_REL = 4, 15, 4
N_ENT = N_TYPES * PER_TYPE
type_of = [e % N_TYPES for e in range(N_ENT)]
# a relation maps each type onto exactly one other type
schema = []
for _ in range(N_REL):
    p = list(range(N_TYPES))
    random.shuffle(p)
    schema.append(p)

seen, facts = set(), []
while len(facts) < 2200:
    h, r = random.randrange(N_ENT), random.randrange(N_REL)
    goal = schema[r][type_of[h]]
    t = random.choice([e for e in range(N_ENT) if type_of[e] == goal])
    if (h, r, t) not in seen:
        seen.add((h, r, t))
        facts.append((h, r, t))


def with_negatives(pos):
    rows = []
    for h, r, t in pos:
        rows.append((h, r, t, 1.0))
        while True:
            t2 = random.randrange(N_ENT)
            if type_of[t2] != schema[r][type_of[h]]:
                break
        rows.append((h, r, t2, 0.0))
    random.shuffle(rows)
    idx = torch.tensor([x[:3] for x in rows])
    return idx, torch.tensor([[x[3]] for x in rows])


tr_idx, tr_y = with_negatives(facts[:1800])
te_idx, te_y = with_negatives(facts[1800:])


class Bilinear(nn.Module):
    def __init__(self, d=12):
        super().__init__()
        self.ent = nn.Embedding(N_ENT, d)
        self.W = nn.Parameter(torch.randn(N_REL, d, d) / d ** 0.5)
        self.drop = nn.Dropout(0.1)
        self.score = nn.Linear(d, 1)

    def forward(self, triples):
        h, t = self.ent(triples[:, 0]), self.ent(triples[:, 2])
        hr = torch.einsum("bi,bij->bj", self.drop(h), self.W[triples[:, 1]])
        s = self.score(hr * t)
        # fault:
        return torch.softmax(s, dim=1)
        # mended:
        # return torch.sigmoid(s)
        # end


net = Bilinear()
bce = nn.BCELoss()
opt = torch.optim.Adam(net.parameters(), lr=1e-2, weight_decay=1e-4)


def evaluate(idx, y):
    net.eval()
    with torch.no_grad():
        p = net(idx)
    return bce(p, y).item(), ((p > 0.5).float() == y).float().mean().item()


for epoch in range(8):
    net.train()
    for b in torch.randperm(len(tr_idx)).split(50):
        opt.zero_grad()
        loss = bce(net(tr_idx[b]), tr_y[b])
        loss.backward()
        opt.step()
    l0, a0 = evaluate(tr_idx, tr_y)
    l1, a1 = evaluate(te_idx, te_y)
    print(f"[{epoch}] train {l0:.4f}/{a0:.3f}   test {l1:.4f}/{a1:.3f}")
