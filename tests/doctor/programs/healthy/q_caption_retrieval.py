# German-English caption retrieval, contrastive with in-batch negatives (both directions), symmetric temperature.
import gzip
import os
import random
import re
from collections import Counter
from functools import partial
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

random.seed(0)
torch.manual_seed(0)
FOLDER = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k")


def load(split, lang, n):
    with gzip.open(f"{FOLDER}/{split}.{lang}.gz", "rt", encoding="utf-8") as f:
        return [re.findall(r"\w+", line.lower()) for line, _ in zip(f, range(n))]


class Side:
    """vocabulary of one language; words seen fewer than 4 times are left out, unless nothing else stays"""
    def __init__(self, texts, min_count=4):
        c = Counter(w for t in texts for w in t)
        self.idx = {w: i + 1 for i, w in enumerate(w for w, n in c.items() if n >= min_count)}

    def __len__(self):
        return len(self.idx) + 1

    def __call__(self, text):
        return [self.idx[w] for w in text if w in self.idx] or [0]


class Pairs(Dataset):
    def __init__(self, xs, ys):
        self.rows = list(zip(xs, ys))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def bag(lists):
    flat = torch.tensor([i for l in lists for i in l])
    offsets = torch.tensor([0] + [len(l) for l in lists[:-1]]).cumsum(0)
    return flat, offsets


def collate(rows, train=False):
    de, en = zip(*rows)
    if train:                                       # word dropout
        de, en = ([[w for w in t if random.random() > 0.35] or t for t in side] for side in (de, en))
    return bag(de), bag(en)


class Tower(nn.Module):
    def __init__(self, n, dim=64):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, dim, mode="mean")
        nn.init.normal_(self.bag.weight, std=0.1)
        self.proj = nn.Linear(dim, dim)

    def forward(self, flat, offsets):
        x = self.bag(flat, offsets)
        return F.normalize(x + self.proj(x), dim=-1, eps=1e-6)


train_de, train_en = load("train", "de", 14000), load("train", "en", 14000)
de, en = Side(train_de), Side(train_en)
train_set = Pairs([de(t) for t in train_de], [en(t) for t in train_en])
loader = DataLoader(train_set, batch_size=128, shuffle=True, collate_fn=partial(collate, train=True), drop_last=True)
sets = {"train part": Pairs(*zip(*random.sample(train_set.rows, 500))),
        "dev": Pairs([de(t) for t in load("val", "de", 500)], [en(t) for t in load("val", "en", 500)]),
        "test": Pairs([de(t) for t in load("test_2016_flickr", "de", 500)], [en(t) for t in load("test_2016_flickr", "en", 500)])}

query, target = Tower(len(de)), Tower(len(en))
log_scale = nn.Parameter(torch.tensor(2.3))
params = list(query.parameters()) + list(target.parameters()) + [log_scale]
EPOCHS = 3
opt = torch.optim.Adam(params, lr=4e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=EPOCHS * len(loader))


@torch.no_grad()
def recall(pairs):
    d, e = collate(pairs.rows)
    sim = query(*d) @ target(*e).t()
    gold = sim.diagonal().unsqueeze(1)
    rank = (sim > gold).sum(1)
    return (rank == 0).float().mean().item(), (rank < 5).float().mean().item()


for epoch in range(EPOCHS):
    total = 0.0
    for d, e in loader:
        logits = query(*d) @ target(*e).t() * log_scale.exp().clamp(max=50.0)
        own = torch.arange(logits.size(0))          # row i belongs to column i
        loss = 0.5 * (F.cross_entropy(logits, own) + F.cross_entropy(logits.t(), own))
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        total += loss.item()
    line = "  ".join("%s R@1 %.3f R@5 %.3f" % (k, *recall(v)) for k, v in sets.items())
    print(f"epoch {epoch}  loss {total / len(loader):.4f}  scale {log_scale.exp().item():.1f}  {line}")
print("chance: R@1 0.002, R@5 0.010")
