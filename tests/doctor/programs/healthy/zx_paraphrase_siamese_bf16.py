"""Do two requests ask for the same thing?  Siamese encoder under CPU autocast (bfloat16), contrastive margin loss.

Training pairs are augmented on the fly (synonyms, dropped fillers, both orders); dev pairs are left alone.
"""
import random

import torch
from torch import nn

random.seed(64)
torch.manual_seed(64)

ACTS = [["book", "reserve", "order"], ["cancel", "drop", "revoke"], ["move", "shift", "postpone"], ["show", "list", "display"],
        ["pay", "settle", "clear"], ["rate", "review", "judge"]]
THINGS = [["flight", "plane"], ["room", "suite"], ["taxi", "cab"], ["meal", "dinner"], ["ticket", "pass"], ["bill", "invoice"], ["trip", "tour"]]
WHEN = [["today", "now"], ["tomorrow"], ["later", "afterwards"], ["weekly", "regularly"]]
FILL = ["please", "could", "you", "i", "want", "to", "the", "my", "a", "just", "kindly"]
GROUPS = ACTS + THINGS + WHEN
SYN = {w: g for g in GROUPS for w in g}
V = {w: i + 1 for i, w in enumerate(sorted(SYN) + FILL)}


def intent():
    return random.randrange(len(ACTS)), random.randrange(len(THINGS)), random.randrange(len(WHEN))


def say(m):
    a, t, w = (random.choice(g[k]) for g, k in zip((ACTS, THINGS, WHEN), m))
    s = random.choices(FILL, k=random.randint(0, 3)) + [a] + random.choices(FILL, k=random.randint(0, 2)) + [t, w]
    return s if random.random() < .7 else [w] + s[:-1]


def pair():
    m = intent()
    if random.random() < .5:
        return say(m), say(m), 1.
    o = list(m)
    for k in random.sample(range(3), random.choice([1, 1, 2])):        # mostly near misses
        while o[k] == m[k]:
            o[k] = intent()[k]
    return say(m), say(o), 0.


pool = {(" ".join(a), " ".join(b)): y for a, b, y in (pair() for _ in range(4000))}
pool = [(a.split(), b.split(), y) for (a, b), y in pool.items()]
train, dev = pool[:3000], pool[3000:3700]


def jitter(s):
    s = [random.choice(SYN[w]) if w in SYN and random.random() < .4 else w for w in s]
    return [w for w in s if w in SYN or random.random() > .3]


def tens(sents):
    m = max(len(s) for s in sents)
    return torch.tensor([[V[w] for w in s] + [0] * (m - len(s)) for s in sents])


class Encoder(nn.Module):
    def __init__(self, d=48, k=32):
        super().__init__()
        self.table = nn.Embedding(len(V) + 1, d, padding_idx=0)
        self.proj = nn.Sequential(nn.Linear(d, 64), nn.ReLU(), nn.Linear(64, k))

    def forward(self, ids):
        live = (ids > 0).float()
        h = (self.table(ids) * live[:, :, None]).sum(1) / live.sum(1, keepdim=True).clamp(min=1)
        return self.proj(h)


enc = Encoder()
MARGIN = 1.5
opt = torch.optim.AdamW(enc.parameters(), lr=4e-3, weight_decay=1e-3)


def dist(rows):
    a, b, y = zip(*rows)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        u, v = enc(tens(a)), enc(tens(b))
    return nn.functional.pairwise_distance(u.float(), v.float(), eps=1e-3), torch.tensor(y)


def contrastive(d, y):
    return (y * d.square() + (1 - y) * (MARGIN - d).clamp(min=0).square()).mean()


E, BS = 6, 60
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, E * len(train) // BS)
for ep in range(E):
    enc.train()
    random.shuffle(train)
    s = 0
    for i in range(0, len(train), BS):
        rows = [(jitter(a), jitter(b), y) for a, b, y in train[i:i + BS]]
        rows = [(b, a, y) if random.random() < .5 else (a, b, y) for a, b, y in rows]
        loss = contrastive(*dist(rows))
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        s += loss.item() * len(rows)
    enc.eval()
    with torch.no_grad():
        out = []
        for part in (train[:700], dev):
            d, y = dist(part)
            out += [contrastive(d, y).item(), ((d < MARGIN / 2) == (y > 0)).float().mean().item()]
    print("epoch %d  loss %.4f | train %.4f acc %.3f | dev %.4f acc %.3f" % (ep + 1, s / len(train), *out))
