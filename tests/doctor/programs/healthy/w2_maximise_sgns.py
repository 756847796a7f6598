"""Skip-gram with negative sampling on shopping baskets; the objective is a log-likelihood and the optimiser climbs it."""
import random
import torch
import torch.nn.functional as F
from torch import nn

random.seed(57)
torch.manual_seed(57)
AISLES = 10
goods = [(a, f"item{a}_{i}") for a in range(AISLES) for i in range(15)]
N = len(goods)
aisle = torch.tensor([a for a, _ in goods])


def basket():
    a = random.sample(range(AISLES), 1)[0]
    return [15 * a + random.randrange(15) if random.random() < 0.85 else random.randrange(N) for _ in range(6)]


baskets = [basket() for _ in range(2500)]
held = [basket() for _ in range(300)]


def pairs(bs):
    return torch.tensor([(b[i], b[j]) for b in bs for i in range(6) for j in range(6) if i != j and b[i] != b[j]])


P, H = pairs(baskets), pairs(held)
centre, context = nn.Embedding(N, 20), nn.Embedding(N, 20)
nn.init.uniform_(centre.weight, -0.1, 0.1)
nn.init.uniform_(context.weight, -0.1, 0.1)
freq = torch.bincount(P[:, 1], minlength=N).float().pow(0.75)
opt = torch.optim.Adam([*centre.parameters(), *context.parameters()], lr=0.01, maximize=True)


def objective(p, k=5):
    neg = torch.multinomial(freq, len(p) * k, replacement=True).view(-1, k)
    c = centre(p[:, 0])
    good = F.logsigmoid((c * context(p[:, 1])).sum(1))
    bad = F.logsigmoid(-torch.einsum("bd,bkd->bk", c, context(neg))).sum(1)
    return (good + bad).mean()


for epoch in range(3):
    total, n = 0.0, 0
    for b in torch.randperm(len(P)).split(512):
        ll = objective(P[b])
        opt.zero_grad()
        ll.backward()
        opt.step()
        total += ll.item()
        n += 1
    with torch.no_grad():
        z = F.normalize(centre.weight, dim=1)
        near = (z @ z.t() - 3 * torch.eye(N)).topk(5).indices
        same = (aisle[near] == aisle[:, None]).float().mean().item()
        print(f"epoch {epoch} log-likelihood {total / n:.4f} held-out {objective(H).item():.4f} neighbours in aisle {same:.3f}")
