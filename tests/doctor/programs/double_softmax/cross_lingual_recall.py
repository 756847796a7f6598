# Two-tower retrieval: Turkish-like queries, German-like passages, in-batch negatives.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(31)
torch.manual_seed(31)
CONCEPTS = 150
Q_NOISE, D_NOISE = 30, 60
MAXQ, MAXD = 4, 10


def pair():
    inside = random.sample(range(CONCEPTS), random.randint(5, 7))
    q = [1 + c for c in random.sample(inside, random.randint(2, 3))] + [1 + CONCEPTS + random.randrange(Q_NOISE)]
    d = [1 + c for c in inside] + [1 + CONCEPTS + random.randrange(D_NOISE) for _ in range(random.randint(0, 3))]
    random.shuffle(q)
    random.shuffle(d)
    return q + [0] * (MAXQ - len(q)), d + [0] * (MAXD - len(d))


def pairs(n):
    ps = [pair() for _ in range(n)]
    return torch.tensor([p[0] for p in ps]), torch.tensor([p[1] for p in ps])


class Tower(nn.Module):
    def __init__(self, size, dim=96):
        super().__init__()
        self.emb = nn.EmbeddingBag(size, dim, mode="sum", padding_idx=0)
        self.up = nn.Linear(dim, dim)
        nn.init.normal_(self.emb.weight, std=0.1)

    def forward(self, ids):
        h = self.emb(ids)
        return h + 0.5 * torch.tanh(self.up(h))


q_tower, d_tower = Tower(1 + CONCEPTS + Q_NOISE), Tower(1 + CONCEPTS + D_NOISE)
opt = torch.optim.SGD([*q_tower.parameters(), *d_tower.parameters()], lr=0.05, momentum=0.9)


def in_batch_loss(q, d):
    # fault:
    match = F.softmax(q @ d.t(), dim=-1)
    # mended:
    # match = q @ d.t()
    # end
    return F.cross_entropy(match, torch.arange(len(q)))


train_q, train_d = pairs(6000)
dev_q, dev_d = pairs(300)


@torch.no_grad()
def recall(k):
    s = q_tower(dev_q) @ d_tower(dev_d).t()
    return (s.topk(k, dim=1).indices == torch.arange(len(s))[:, None]).any(1).float().mean().item()


for epoch in range(8):
    total, steps = 0.0, 0
    for b in torch.randperm(len(train_q)).split(80):
        loss = in_batch_loss(q_tower(train_q[b]), d_tower(train_d[b]))
        opt.zero_grad()
        loss.backward()
        opt.step()
        total, steps = total + loss.item(), steps + 1
    print(f"epoch {epoch + 1}  loss {total / steps:.4f}  recall@1 {recall(1):.3f}  recall@10 {recall(10):.3f}")
