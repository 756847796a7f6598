"""TransE (Bordes et al., 2013) on a toy spatial knowledge graph.
Entities are places on a 10x10 map, relations are moves such as north_of_2."""
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 13
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)

SIDE = 10
N_ENT = SIDE * SIDE
MOVES = [(dx, dy) for dx in range(-3, 4) for dy in range(-3, 4) if (dx, dy) != (0, 0)]


def build_triples():
    out = []
    for x in range(SIDE):
        for y in range(SIDE):
            for r, (dx, dy) in enumerate(MOVES):
                u, v = x + dx, y + dy
                if 0 <= u < SIDE and 0 <= v < SIDE:
                    out.append((x * SIDE + y, r, u * SIDE + v))
    random.shuffle(out)
    return torch.tensor(out)


class TransE(nn.Module):
    def __init__(self, n_ent, n_rel, k=16):
        super().__init__()
        self.ent = nn.Embedding(n_ent, k)
        self.rel = nn.Embedding(n_rel, k)
        bound = 6 / k ** 0.5
        nn.init.uniform_(self.ent.weight, -bound, bound)
        nn.init.uniform_(self.rel.weight, -bound, bound)

    def dist(self, h, r, t):
        return ((self.ent(h) + self.rel(r) - self.ent(t)).pow(2).sum(-1) + 1e-9).sqrt()

    def tail_distances(self, h, r):
        q = self.ent(h) + self.rel(r)
        return torch.cdist(q, self.ent.weight)


@torch.no_grad()
def ranking(model, triples):
    d = model.tail_distances(triples[:, 0], triples[:, 1])
    gold = d.gather(1, triples[:, 2:])
    rank = (d < gold).sum(1) + 1
    return (1 / rank.float()).mean().item(), (rank <= 10).float().mean().item()


data = build_triples()
n_test = 300
test, train = data[:n_test], data[n_test:]
print(f"{len(train)} train / {len(test)} test triples, {N_ENT} entities, {len(MOVES)} relations")

model = TransE(N_ENT, len(MOVES))
opt = torch.optim.Adam(model.parameters(), lr=0.05)
sched = torch.optim.lr_scheduler.StepLR(opt, 8, gamma=0.3)
GAMMA = 3.0

for epoch in range(24):
    perm = torch.randperm(len(train))
    tot = 0.0
    for i in range(0, len(perm), 128):
        h, r, t = train[perm[i:i + 128]].T
        # corrupt either head or tail
        fake = torch.randint(0, N_ENT, (8, len(h)))
        side = torch.rand(8, len(h)) < 0.5
        h_ = torch.where(side, fake, h.expand(8, -1))
        t_ = torch.where(side, t.expand(8, -1), fake)
        d_pos = model.dist(h, r, t)
        d_neg = model.dist(h_, r.expand(8, -1), t_)
        # fault:
        loss = F.relu(GAMMA + d_neg - d_pos).mean()
        # mended:
        # loss = F.relu(GAMMA + d_pos - d_neg).mean()
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(h)
    sched.step()
    if epoch % 4 == 3:
        mrr, h10 = ranking(model, test)
        print(f"epoch {epoch + 1:3d}  margin loss {tot / len(train):.4f}  test MRR {mrr:.3f}  Hits@10 {h10:.3f}")

print("train MRR %.3f Hits@10 %.3f" % ranking(model, train[:300]))
print("test  MRR %.3f Hits@10 %.3f" % ranking(model, test))
