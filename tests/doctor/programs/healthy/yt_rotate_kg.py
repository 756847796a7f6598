"""Link prediction with RotatE on a small made-up knowledge graph: the stops of a ring line and how they lie to each other.
Every entity and every relation occurs in training, the triples of valid/test do not."""
import math
import torch
import torch.nn.functional as F

torch.manual_seed(2)
N, DIM, NEG, GAMMA = 60, 16, 16, 6.0
relations = {"next": 1, "previous": -1, "express": 5, "opposite": N // 2, "quarter": N // 4, "back_express": -5,
             "two_on": 2, "ten_on": 10, "seven_on": 7, "twelve_back": -12}
rels = list(relations.values())
triples = torch.tensor([(h, r, (h + k) % N) for h in range(N) for r, k in enumerate(rels)])
triples = triples[torch.randperm(len(triples))]
train, test = triples[:480], triples[480:]
assert set(test[:, 0].tolist()) <= set(train[:, 0].tolist())

entity = torch.nn.Parameter(torch.empty(N, DIM, 2).uniform_(-0.5, 0.5))
phase = torch.nn.Parameter(torch.empty(len(rels), DIM).uniform_(-math.pi, math.pi))


def distance(h, r, t):
    # (.., DIM, 2) complex numbers as pairs
    c, s = phase[r].cos(), phase[r].sin()
    a, b = entity[h].unbind(-1)
    re, im = a * c - b * s, a * s + b * c
    x, y = entity[t].unbind(-1)
    return ((re - x).pow(2) + (im - y).pow(2) + 1e-9).sqrt().sum(-1)


def rank(rows):
    known = {}
    for h, r, t in triples.tolist():
        known.setdefault((h, r), set()).add(t)
    with torch.no_grad():
        d = distance(rows[:, :1], rows[:, 1:2], torch.arange(N)[None].expand(len(rows), -1)).clone()
    ranks = []
    for k, (h, r, t) in enumerate(rows.tolist()):
        others = [o for o in known[h, r] if o != t]         # filtered setting
        d[k, others] = float("inf")
        ranks.append(1 + (d[k] < d[k, t]).sum().item())
    ranks = torch.tensor(ranks, dtype=torch.float)
    return (1 / ranks).mean().item(), (ranks <= 3).float().mean().item()


opt = torch.optim.Adam([entity, phase], lr=0.05)
for epoch in range(1, 31):
    for g in opt.param_groups:
        g["lr"] = 0.05 * (1 - (epoch - 1) / 30)
    total = 0.0
    for idx in torch.randperm(len(train)).split(60):
        h, r, t = train[idx].unbind(1)
        fake = torch.randint(N, (len(idx), NEG))
        pos = distance(h, r, t)
        if epoch % 2:
            neg = distance(h[:, None].expand_as(fake), r[:, None].expand_as(fake), fake)
        else:
            neg = distance(fake, r[:, None].expand_as(fake), t[:, None].expand_as(fake))
        weight = F.softmax(-neg.detach(), 1)                # self-adversarial
        loss = -F.logsigmoid(GAMMA - pos).mean() - (weight * F.logsigmoid(neg - GAMMA)).sum(1).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    if epoch % 10 == 0:
        mrr, hits = rank(test)
        print(f"epoch {epoch:3d} loss {total / len(train):.4f}  test MRR {mrr:.3f} hits@3 {hits:.3f}  (train MRR {rank(train)[0]:.3f})")
