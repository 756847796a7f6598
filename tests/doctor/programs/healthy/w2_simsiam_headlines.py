"""Self-supervised headline vectors (SimSiam): two word-dropped views, predictor on one side, no gradient on the other.
Judged by nearest neighbours: does the closest headline come from the same topic?"""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(56)
torch.manual_seed(56)
TOPICS = 6
OWN = [[f"k{t}_{i}" for i in range(40)] for t in range(TOPICS)]
ANY = [f"c{i}" for i in range(150)]
ix = {w: i for i, w in enumerate(sum(OWN, []) + ANY)}


def headline():
    t = random.randrange(TOPICS)
    return [ix[w] for w in random.choices(OWN[t], k=random.randint(4, 6)) + random.choices(ANY, k=random.randint(2, 4))], t


train = [headline()[0] for _ in range(3000)]
test = [headline() for _ in range(500)]


def bag(rows):
    return torch.tensor(sum(rows, [])), torch.tensor([0] + [len(r) for r in rows[:-1]]).cumsum(0)


def view(r):
    keep = [w for w in r if random.random() < 0.5]
    return keep or [random.choice(r)]


class Net(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.EmbeddingBag(len(ix), d, mode="mean")
        self.proj = nn.Sequential(nn.Linear(d, d), nn.BatchNorm1d(d), nn.ReLU(), nn.Linear(d, d), nn.BatchNorm1d(d, affine=False))
        self.pred = nn.Sequential(nn.Linear(d, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Linear(24, d))

    def forward(self, flat, off):
        z = self.proj(self.emb(flat, off))
        return z, self.pred(z)


def D(p, z):
    return -F.cosine_similarity(p, z.detach(), dim=-1).mean()


net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 40)
topic = torch.tensor([t for _, t in test])
for epoch in range(40):
    net.train()
    random.shuffle(train)
    run = 0.0
    for i in range(0, len(train), 100):
        rows = train[i:i + 100]
        z1, p1 = net(*bag([view(r) for r in rows]))
        z2, p2 = net(*bag([view(r) for r in rows]))
        loss = (D(p1, z2) + D(p2, z1)) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item()
    sched.step()
    net.eval()
    with torch.no_grad():
        z = F.normalize(net(*bag([r for r, _ in test]))[0], dim=1)
        sim = z @ z.t() - 2 * torch.eye(len(z))
        knn = (topic[sim.argmax(1)] == topic).float().mean().item()
    print(f"epoch {epoch:2d} loss {run / 30:.3f} 1-nn same topic {knn:.3f} (chance {1 / TOPICS:.2f})")
