"""Duplicate customer records: siamese char encoder, euclidean distance, contrastive loss (Hadsell 2006)."""
import random
import string

import torch
import torch.nn as nn
from sklearn.metrics import roc_auc_score

random.seed(21)
torch.manual_seed(21)

SYL = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "in")]
MARGIN = 1.0


def customer():
    cap = lambda k: "".join(random.choice(SYL) for _ in range(k))
    return cap(2) + " " + cap(random.choice((2, 3)))


def retype(s):
    """what the call centre makes of it: mostly right, sometimes a slip"""
    if random.random() < 0.3:
        return s
    s = list(s)
    for _ in range(random.choice((1, 1, 2))):
        i = random.randrange(len(s) - 1)
        what = random.random()
        if what < 0.35:
            s[i], s[i + 1] = s[i + 1], s[i]
        elif what < 0.7:
            s[i] = random.choice(string.ascii_lowercase)
        else:
            del s[i]
    return "".join(s)


def neighbour(s):
    """another customer, at times with the same first name"""
    a, b = s.split(" ")
    c, d = customer().split(" ")
    return random.choice((f"{a} {d}", f"{c} {d}", f"{c} {d}"))


def pairs(n):
    rows = []
    for _ in range(n):
        s = customer()
        rows.append((s, retype(s), 1) if random.random() < 0.5 else (s, retype(neighbour(s)), 0))
    return rows


N_BUCKETS = 1009


def ngrams(s):
    s = f"^{s}$"
    grams = [s[i:i + k] for k in (2,) for i in range(len(s) - k + 1)]
    return [hash_(g) for g in grams]


def hash_(g):
    h = 0
    for c in g:
        h = (h * 131 + ord(c)) % 1_000_003
    return h % N_BUCKETS


def bag(texts):
    ids = [ngrams(t) for t in texts]
    off = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
    return torch.tensor([j for i in ids for j in i]), off


class Tower(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(N_BUCKETS, 48, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.1)
        self.map = nn.Linear(48, dim)

    def forward(self, texts):
        return self.map(torch.tanh(self.bag(*bag(texts))))


def distance(u, v):
    # fault:
    return torch.sqrt(((u - v) ** 2).sum(dim=1))
    # mended:
    # return torch.sqrt(((u - v) ** 2).sum(dim=1) + 1e-6)
    # end


train, test = pairs(3600), pairs(500)
tower = Tower()
opt = torch.optim.Adam(tower.parameters(), lr=2e-3)


def evaluate(rows):
    tower.eval()
    with torch.no_grad():
        d = distance(tower([a for a, _, _ in rows]), tower([b for _, b, _ in rows]))
    tower.train()
    y = torch.tensor([c for _, _, c in rows])
    auc = roc_auc_score(y, torch.nan_to_num(-d, nan=0.0).numpy())
    return auc, ((d < MARGIN / 2).long() == y).float().mean().item()


for epoch in range(1, 4):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 40):
        a, b, y = zip(*train[i:i + 40])
        same = torch.tensor(y, dtype=torch.float)
        d = distance(tower(a), tower(b))
        loss = (same * d.pow(2) + (1 - same) * (MARGIN - d).clamp(min=0).pow(2)).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(a)
    auc, acc = evaluate(test)
    print(f"epoch {epoch}: loss {total / len(train):.4f}   train acc {evaluate(train)[1]:.3f}   test auc {auc:.3f}   test acc {acc:.3f}")
