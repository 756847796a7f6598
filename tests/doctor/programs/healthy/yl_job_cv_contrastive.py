#!/usr/bin/env python3
# Two towers: job adverts and CVs.  Contrastive loss inside the batch, cosine similarity, both directions.
import random
import torch, torch.nn as nn, torch.nn.functional as F

random.seed(77); torch.manual_seed(77)
FIELDS = {f: [f"{f[:3]}{s}" for s in "ology ware kit craft ment lyze graph tron desk form scope flow".split()] for f in
          "nursing welding java sales law design farming physics catering logistics teaching audit".split()}
LEVELS = {"junior": ["trainee", "graduate", "starter"], "senior": ["expert", "lead", "veteran"]}
FILL = "we offer a friendly team with good pay and free lunch in our modern office near you apply today flexible hours".split()
OWN = "i am hard working reliable and like people sports books music my friends call me honest happy to learn more".split()

def person():
    fs = random.sample(list(FIELDS), 2)
    lv = random.choice(list(LEVELS))
    return fs, lv
def skills(fs, k):
    w = [x for f in fs for x in random.sample(FIELDS[f], k)]
    return w
def advert(p):
    w = skills(p[0], 3) + [p[1]] + random.sample(FILL, 6); random.shuffle(w); return w
def cv(p):
    w = skills(p[0], 3) + [random.choice(LEVELS[p[1]])] + random.sample(OWN, 6); random.shuffle(w); return w
pairs = []
for _ in range(2600):
    p = person(); pairs.append((advert(p), cv(p), (tuple(sorted(p[0])), p[1])))
train, held = pairs[:2200], pairs[2200:]
words = {w: i for i, w in enumerate(sorted({w for a, b, _ in pairs[:2200] for w in a + b}))}

def ids(lists):      # thirteen words each and nothing to pad
    return torch.tensor([[words[w] for w in l] for l in lists])

class Tower(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.e = nn.Embedding(len(words), d); nn.init.normal_(self.e.weight, std=.3)
        self.w = nn.Linear(d, d)
    def forward(self, x):
        return F.normalize(self.w(self.e(x).sum(1)), dim=-1)
job, person_ = Tower(), Tower()
opt = torch.optim.Adam([*job.parameters(), *person_.parameters()], lr=1e-2)

def batch_loss(rows, tau):
    a, b = job(ids([r[0] for r in rows])), person_(ids([r[1] for r in rows]))
    s = a @ b.T
    key = [r[2] for r in rows]
    same = torch.tensor([[k == l for l in key] for k in key])       # another fitting CV is no negative
    rival = s.masked_fill(same & ~torch.eye(len(s), dtype=torch.bool), -1e4) / tau
    y = torch.arange(len(s))
    return (F.cross_entropy(rival, y) + F.cross_entropy(rival.T, y)) / 2

@torch.no_grad()
def hits(rows):
    """for every advert: is a CV with the very same profile on top of 400?"""
    s = job(ids([r[0] for r in rows])) @ person_(ids([r[1] for r in rows])).T
    top = s.argmax(1)
    return sum(rows[i][2] == rows[j][2] for i, j in enumerate(top.tolist())) / len(rows)

print(f"before: {hits(held):.3f}")
for ep in range(6):
    random.shuffle(train); tot = 0.
    for i in range(0, len(train), 44):
        loss = batch_loss(train[i:i + 44], tau=0.1)
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item()
    for g in opt.param_groups: g["lr"] *= 0.6
    print(f"epoch {ep} loss {tot / (len(train) / 44):.4f} hit@1 train {hits(train[:400]):.3f} held-out {hits(held):.3f}")
