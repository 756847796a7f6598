#!/usr/bin/env python
"""Product search with two towers. Every other product of the batch is a negative (so: softmax over the batch)."""
import random
import torch, torch.nn as nn, torch.nn.functional as F

random.seed(77); torch.manual_seed(77)
KINDS = {"sneaker": ["running shoe", "trainers"], "laptop": ["notebook computer", "ultrabook"], "sofa": ["couch", "settee"],
         "phone": ["mobile", "smartphone"], "jacket": ["coat", "windbreaker"], "lamp": ["light", "luminaire"],
         "bottle": ["flask", "thermos"], "backpack": ["rucksack", "daypack"]}
COLOURS = {"red": "crimson", "blue": "navy", "black": "jet", "green": "olive", "white": "ivory", "grey": "slate"}
MATERIAL = {"leather": "hide", "cotton": "canvas", "steel": "metal", "wooden": "oak", "plastic": "vinyl"}
SIZE = {"small": "mini", "large": "xl", "medium": "regular"}
ADS = "free shipping best price sale new 2021 official original gift".split()

products = [(k, c, m, s) for k in KINDS for c in COLOURS for m in MATERIAL for s in SIZE]
random.shuffle(products)


def title(p):
    k, c, m, s = p
    w = [SIZE[s], COLOURS[c], MATERIAL[m]] + random.choice(KINDS[k]).split() + random.sample(ADS, 2)
    random.shuffle(w)
    return w


def query(p):
    w = list(p)
    random.shuffle(w)
    return w


vocab = {}
def ids(words): return torch.tensor([vocab.setdefault(w, len(vocab)) for w in words])
def bag(texts):
    t = [ids(x) for x in texts]
    return torch.cat(t), torch.tensor([0] + [len(i) for i in t]).cumsum(0)[:-1]


for p in products: ids(query(p))
for k in KINDS.values(): [ids(x.split()) for x in k]
for d in (COLOURS, MATERIAL, SIZE): ids(d.values())
ids(ADS)

unseen, known = products[:120], products[120:]       # combinations that no training pair shows


class Tower(nn.Module):
    def __init__(self, table, dim=24):
        super().__init__()
        self.table = table                           # one table for both towers
        self.mlp = nn.Sequential(nn.Linear(dim, 48), nn.Tanh(), nn.Linear(48, dim))

    def forward(self, flat, off):
        return F.normalize(self.mlp(F.embedding_bag(flat, self.table.weight, off, mode="sum")), dim=1)


table = nn.Embedding(len(vocab), 24)
nn.init.normal_(table.weight, std=.3)
ask, offer = Tower(table), Tower(table)
slow = torch.optim.Adam([*ask.mlp.parameters(), *offer.mlp.parameters()], lr=3e-3)
fast = torch.optim.Adagrad(table.parameters(), lr=.1)
TEMP = .1


@torch.no_grad()
def mrr(some):
    q, d = ask(*bag([query(p) for p in some])), offer(*bag([title(p) for p in some]))
    s = q @ d.T
    rank = (s > s.diagonal()[:, None]).sum(1) + 1
    return (1 / rank.float()).mean().item()


for epoch in range(12):
    random.shuffle(known)
    run = []
    for i in range(0, len(known), 40):
        part = known[i:i + 40]
        sim = ask(*bag([query(p) for p in part])) @ offer(*bag([title(p) for p in part])).T / TEMP
        gold = torch.arange(len(part))
        loss = (F.cross_entropy(sim, gold) + F.cross_entropy(sim.T, gold)) / 2
        for o in (slow, fast): o.zero_grad()
        loss.backward()
        for o in (slow, fast): o.step()
        run.append(loss.item())
    if epoch % 3 == 2:
        print(f"{epoch + 1:2d} epochs  loss {sum(run) / len(run):.3f}  MRR known {mrr(known[:120]):.3f}  unseen {mrr(unseen):.3f}")
