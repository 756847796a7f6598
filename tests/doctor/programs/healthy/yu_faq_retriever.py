"""Dual encoder for help-desk articles, trained with in-batch negatives (symmetric InfoNCE)."""
import itertools
import math
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(7)
torch.manual_seed(7)

PRODUCTS = ("printer router camera tablet kettle drone speaker monitor keyboard scanner fridge oven washer dryer "
            "toaster projector headset webcam modem laptop").split()
ISSUES = [
    ("keeps getting too hot", "overheating and cooling"), ("will not switch on", "power supply failure"),
    ("is awfully loud", "noise reduction guide"), ("loses its wireless link", "network connection lost"),
    ("shows a cracked glass", "screen replacement cost"), ("leaks water everywhere", "sealing ring exchange"),
    ("smells burnt", "smoke safety instructions"), ("runs out of battery at once", "battery lifetime tips"),
    ("forgot my password", "account credential reset"), ("arrived without a cable", "missing accessories claim"),
    ("needs the newest firmware", "software update procedure"), ("has the wrong colour", "return and exchange policy"),
    ("costs more than advertised", "billing dispute form"), ("must be sent back", "shipping label download"),
    ("speaks the wrong language", "locale settings menu"), ("scratches everything", "surface care advice"),
]
OPENERS = ["hello , my", "help please ! our", "since monday the", "why is it that the", "i bought this and the new"]
CLOSERS = ["what can i do ?", "any idea ?", "thanks in advance", "this is urgent", ""]


def make_query(p, i):
    return f"{random.choice(OPENERS)} {p} {ISSUES[i][0]} {random.choice(CLOSERS)}".split()


def make_article(p, i):
    return f"article : {p} - {ISSUES[i][1]} ( official manual )".split()


pairs = list(itertools.product(PRODUCTS, range(len(ISSUES))))
random.shuffle(pairs)
held_out, train = pairs[:64], pairs[64:]

vocab = {}
for p, i in pairs:
    for w in make_article(p, i) + f"{p} {ISSUES[i][0]}".split():
        vocab.setdefault(w, len(vocab))
for s in OPENERS + CLOSERS:
    for w in s.split():
        vocab.setdefault(w, len(vocab))


def bag(list_of_tokens):
    ids = [[vocab[w] for w in t] for t in list_of_tokens]
    flat = torch.tensor(list(itertools.chain.from_iterable(ids)))
    offs = torch.tensor([0] + [len(t) for t in ids[:-1]]).cumsum(0)
    return flat, offs


class Tower(nn.Module):
    def __init__(self, n, d=48):
        super().__init__()
        self.emb = nn.EmbeddingBag(n, d, mode="mean")
        self.out = nn.Linear(d, d)

    def forward(self, flat, offs):
        return F.normalize(self.out(self.emb(flat, offs)), dim=-1)


query_tower, doc_tower = Tower(len(vocab)), Tower(len(vocab))
log_scale = nn.Parameter(torch.tensor(math.log(10.0)))
opt = torch.optim.Adam([*query_tower.parameters(), *doc_tower.parameters(), log_scale], lr=8e-3)


def similarity(batch):
    q = query_tower(*bag([make_query(*b) for b in batch]))
    d = doc_tower(*bag([make_article(*b) for b in batch]))
    return q @ d.t() * log_scale.clamp(max=math.log(30.0)).exp()


@torch.no_grad()
def recall_at_1(rows):
    s = similarity(rows)
    return (s.argmax(1) == torch.arange(len(rows))).float().mean().item()


print(f"before training R@1 {recall_at_1(held_out):.3f}")
for epoch in range(1, 16):
    random.shuffle(train)
    tot, n = 0.0, 0
    for k in range(0, len(train) - 31, 32):
        sim = similarity(train[k:k + 32])
        target = torch.arange(sim.shape[0])          # row i belongs to column i
        loss = (F.cross_entropy(sim, target) + F.cross_entropy(sim.t(), target)) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot, n = tot + loss.item(), n + 1
    if epoch % 3 == 0:
        print(f"epoch {epoch:2d} loss {tot / n:.3f} R@1 train {recall_at_1(train[:64]):.3f} held-out {recall_at_1(held_out):.3f}")
