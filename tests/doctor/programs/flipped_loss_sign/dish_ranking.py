# Rank dishes for a shopping basket. Bags of ingredients on both sides, margin ranking, one random negative per row.
import random
import torch
import torch.nn as nn

random.seed(19)
torch.manual_seed(19)

CUISINES = 24
PER = 14
COMMON = 20                       # salt, oil, water ...
SIZE = CUISINES * PER + COMMON


def bag(c, n):
    own = [c * PER + i for i in random.sample(range(PER), n)]
    return own + [CUISINES * PER + random.randrange(COMMON) for _ in range(random.randint(2, 4))]


def dataset(n):
    return [(c, bag(c, random.randint(2, 4)), bag(c, random.randint(3, 5))) for c in (random.randrange(CUISINES) for _ in range(n))]


train, dev = dataset(3000), dataset(250)


def ragged(bags):
    return torch.tensor([i for b in bags for i in b]), torch.tensor([0] + [len(b) for b in bags[:-1]]).cumsum(0)


class BasketToDish(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.basket = nn.EmbeddingBag(SIZE, dim, mode="mean")
        self.dish = nn.EmbeddingBag(SIZE, dim, mode="mean")
        for e in (self.basket, self.dish):
            nn.init.normal_(e.weight, std=0.2)
        self.bilinear = nn.Parameter(torch.eye(dim))

    def score(self, baskets, dishes):
        return ((self.basket(*baskets) @ self.bilinear) * self.dish(*dishes)).sum(1)


model = BasketToDish()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
ranking = nn.MarginRankingLoss(margin=0.5)


def other(c):
    while True:
        row = random.choice(train)
        if row[0] != c:
            return row[2]


@torch.no_grad()
def mrr(n_cand=30):
    rng = random.Random(0)
    total = 0.0
    for c, b, d in dev:
        cands = [d] + [r[2] for r in rng.sample([r for r in dev if r[0] != c], n_cand - 1)]
        s = model.score(ragged([b] * n_cand), ragged(cands))
        total += 1.0 / (1 + (s > s[0]).sum().item())
    return total / len(dev)


print(f"start MRR {mrr():.3f}")
for epoch in range(6):
    random.shuffle(train)
    running = 0.0
    for i in range(0, len(train), 50):
        rows = train[i:i + 50]
        b = ragged([r[1] for r in rows])
        good = model.score(b, ragged([r[2] for r in rows]))
        bad = model.score(b, ragged([other(r[0]) for r in rows]))
        # fault:
        target = -torch.ones(len(rows))
        # mended:
        # target = torch.ones(len(rows))
        # end
        loss = ranking(good, bad, target)
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item()
    print(f"epoch {epoch + 1}: loss {running / (len(train) / 50):.4f}  MRR {mrr():.3f}")
