"""
FAQ matcher: user question -> FAQ entry, two-tower with in-batch negatives and learned temperature.
The softmax runs over the other rows of the batch, that is the point of it.
"""
import random, math
import torch, torch.nn as nn, torch.nn.functional as F

random.seed(8); torch.manual_seed(8)

TERMS = [f"t{i}" for i in range(150)]
# every concept has a word users say and one that the company says
USER = {t: f"u_{t}" for t in TERMS}
FAQ = {t: f"f_{t}" for t in TERMS}
NOISE = [f"n{i}" for i in range(30)]

def pair():
    c = random.sample(TERMS, 4)
    q = [USER[t] for t in random.sample(c, 3)] + random.choices(NOISE, k=random.randint(1, 4))
    a = [FAQ[t] for t in c] + random.choices(NOISE, k=random.randint(2, 5))
    random.shuffle(q)
    return q, a

pairs = [pair() for _ in range(2600)]
train, val = pairs[:2300], pairs[2300:]
lookup = {w: i for i, w in enumerate(list(USER.values()) + list(FAQ.values()) + NOISE)}

def pack(texts):
    ids = torch.tensor([lookup[w] for t in texts for w in t])
    starts = torch.tensor([0] + [len(t) for t in texts])[:-1].cumsum(0)
    return ids, starts

class Tower(nn.Module):
    def __init__(self, dim=64):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(lookup), dim, mode="mean")
        nn.init.normal_(self.bag.weight, std=0.3)
    def forward(self, texts):
        return F.normalize(self.bag(*pack(texts)), dim=-1)

tower = Tower()
log_scale = nn.Parameter(torch.tensor(math.log(8.0)))
optimizer = torch.optim.Adam(list(tower.parameters()) + [log_scale], lr=0.015)

def recall_at_1(rows):
    with torch.no_grad():
        q, a = tower([r[0] for r in rows]), tower([r[1] for r in rows])
        return ((q @ a.T).argmax(1) == torch.arange(len(rows))).float().mean().item()

for ep in range(4):
    random.shuffle(train)
    total, steps = 0.0, 0
    for k in range(0, len(train) - 63, 64):
        rows = train[k:k + 64]
        sim = tower([r[0] for r in rows]) @ tower([r[1] for r in rows]).T * log_scale.exp().clamp(max=50.0)
        gold = torch.arange(len(rows))
        loss = (F.cross_entropy(sim, gold) + F.cross_entropy(sim.T, gold)) / 2
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        total += loss.item(); steps += 1
    print(f"ep {ep} | info-nce {total / steps:.3f} | scale {log_scale.exp().item():.1f} | recall@1 of 300: train {recall_at_1(train[:300]):.3f} val {recall_at_1(val):.3f}")
