"""Bi-encoder for an FAQ: user question -> answer page.

In-batch softmax with temperature; after a warm-up the batches also carry one mined hard negative per question
(best wrong page under the current model). The page tower and the question tower share the token table but have
their own projections.
"""
import itertools
import random
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Config:
    seed: int = 5
    dim: int = 48
    temperature: float = 0.07
    batch: int = 64
    epochs: int = 4
    mine_from: int = 1
    lr: float = 4e-3


cfg = Config()
random.seed(cfg.seed)
np.random.seed(cfg.seed)
torch.manual_seed(cfg.seed)

# the user's words and the manual's words for things and actions differ
THINGS = {"bike": ["bicycle", "cycle"], "phone": ["handset", "device"], "tv": ["television", "screen"],
          "fridge": ["refrigerator", "cooler"], "laptop": ["notebook", "computer"], "car": ["vehicle", "automobile"],
          "kettle": ["boiler", "jug"], "lamp": ["light", "luminaire"], "oven": ["stove", "range"], "mower": ["lawnmower", "cutter"]}
DEEDS = {"fix": ["repair", "servicing"], "return": ["refund", "restitution"], "buy": ["purchase", "order"],
         "clean": ["maintenance", "hygiene"], "charge": ["battery", "power"], "insure": ["policy", "cover"],
         "move": ["transport", "shipping"], "sell": ["trade", "resale"]}
NOISE_Q = "how do i can my the please is it possible to a help want quickly".split()
NOISE_D = "chapter section see also the of for general information terms page and".split()

pages = list(itertools.product(THINGS, DEEDS))


def page_text(thing, deed):
    return THINGS[thing] + DEEDS[deed] + random.sample(NOISE_D, 6)


def question(thing, deed):
    named = [thing, deed] if random.random() < 0.85 else [thing]      # some users do not say what they want
    q = named + random.sample(NOISE_Q, random.randint(3, 7))
    random.shuffle(q)
    return q


docs = [page_text(*p) for p in pages]
train = [(question(*p), i) for i, p in enumerate(pages) for _ in range(20)]
known = {" ".join(sorted(q)) for q, _ in train}
held = [(question(*p), i) for i, p in enumerate(pages) for _ in range(5)]
held = [(q, i) for q, i in held if " ".join(sorted(q)) not in known]
stoi = {w: i for i, w in enumerate(sorted({w for d in docs for w in d} | {w for q, _ in train for w in q}))}


def bag(texts):
    ids = [torch.tensor([stoi[w] for w in t]) for t in texts]
    offsets = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
    return torch.cat(ids), offsets


class TwoTowers(nn.Module):
    def __init__(self, vocab, dim):
        super().__init__()
        self.tokens = nn.EmbeddingBag(vocab, dim, mode="mean")
        self.q = nn.Linear(dim, dim)
        self.d = nn.Linear(dim, dim)

    def ask(self, texts):
        return F.normalize(self.q(self.tokens(*bag(texts))), dim=-1)

    def page(self, texts):
        return F.normalize(self.d(self.tokens(*bag(texts))), dim=-1)


model = TwoTowers(len(stoi), cfg.dim)
optim = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=1e-4)


@torch.no_grad()
def ranks(pairs):
    s = model.ask([q for q, _ in pairs]) @ model.page(docs).T
    gold = torch.tensor([g for _, g in pairs])
    return (s > s.gather(1, gold[:, None])).sum(1) + 1, s, gold


for epoch in range(cfg.epochs):
    hard = None
    if epoch >= cfg.mine_from:
        _, s, gold = ranks(train)
        hard = s.scatter(1, gold[:, None], -2.0).argmax(1)
    order = np.random.permutation(len(train))
    running = []
    for at in range(0, len(order), cfg.batch):
        rows = order[at:at + cfg.batch]
        gold = torch.tensor([train[r][1] for r in rows])
        cand = gold if hard is None else torch.cat([gold, hard[torch.as_tensor(rows)]])
        logits = model.ask([train[r][0] for r in rows]) @ model.page([docs[c] for c in cand]).T / cfg.temperature
        # the same page may be in the batch twice: that is no negative
        twin = gold[:, None] == cand[None, :]
        twin[torch.arange(len(rows)), torch.arange(len(rows))] = False
        logits = logits.masked_fill(twin, float("-inf"))
        loss = F.cross_entropy(logits, torch.arange(len(rows)))
        optim.zero_grad(set_to_none=True)
        loss.backward()
        optim.step()
        running.append(loss.item())
    r, *_ = ranks(held)
    print(f"epoch {epoch} loss {np.mean(running):.3f} {'with' if hard is not None else 'no'} hard negatives | "
          f"held-out MRR {(1 / r.float()).mean():.3f} R@1 {(r == 1).float().mean():.3f} R@5 {(r <= 5).float().mean():.3f}")
r, *_ = ranks(train)
print(f"train MRR {(1 / r.float()).mean():.3f}; chance R@1 {1 / len(pages):.4f}")
