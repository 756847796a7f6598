"""Dual encoder for caption retrieval, English -> German (Multi30k).

Every other row of the batch is a negative. Both towers are plain bags of words; a learned scale stands in for the
temperature. Scored by recall@1 / @5 among 200 candidates.
"""
import gzip
import math
import os
from collections import Counter
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Args:
    n: int = 10000
    dim: int = 64
    min_count: int = 3
    batch: int = 250
    epochs: int = 5
    lr: float = 1e-2
    seed: int = 99


args = Args()
torch.manual_seed(args.seed)
folder = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def read(split, lang, n=None):
    with gzip.open(os.path.join(folder, f"{split}.{lang}.gz"), "rt", encoding="utf-8") as f:
        rows = [l.lower().replace(".", " ").replace(",", " ").split() for l in f]
    return rows[:n]


class Vocab:
    def __init__(self, rows):
        c = Counter(w for r in rows for w in r)
        self.words = {w: i + 1 for i, w in enumerate(w for w, k in c.items() if k >= args.min_count)}

    def __len__(self):
        return len(self.words) + 1

    def encode(self, rows):
        return [torch.tensor([self.words.get(w, 0) for w in r] or [0]) for r in rows]


class Tower(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, args.dim, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.1)
        self.drop = nn.Dropout(0.2)

    def forward(self, rows):
        off = torch.tensor([0] + [len(r) for r in rows[:-1]]).cumsum(0)
        return F.normalize(self.drop(self.bag(torch.cat(rows), off)), dim=-1)


class DualEncoder(nn.Module):
    def __init__(self, n_src, n_tgt):
        super().__init__()
        self.src, self.tgt = Tower(n_src), Tower(n_tgt)
        self.log_scale = nn.Parameter(torch.tensor(math.log(10.0)))

    def forward(self, a, b):
        return self.log_scale.exp().clamp(max=50) * self.src(a) @ self.tgt(b).t()


def recall(model, a, b):
    model.eval()
    with torch.no_grad():
        s = model(a, b)
    rank = (s > s.diag()[:, None]).sum(1)
    return [(rank < k).float().mean().item() for k in (1, 5)]


en, de = read("train", "en", args.n), read("train", "de", args.n)
v_en, v_de = Vocab(en), Vocab(de)
en, de = v_en.encode(en), v_de.encode(de)
en_val, de_val = v_en.encode(read("val", "en", 200)), v_de.encode(read("val", "de", 200))
model = DualEncoder(len(v_en), len(v_de))
opt = torch.optim.Adam(model.parameters(), lr=args.lr)
total = args.epochs * (args.n // args.batch)
sched = torch.optim.lr_scheduler.PolynomialLR(opt, total)

for epoch in range(args.epochs):
    model.train()
    running = 0.0
    for idx in torch.randperm(args.n).split(args.batch):
        s = model([en[i] for i in idx], [de[i] for i in idx])
        y = torch.arange(len(idx))
        loss = (F.cross_entropy(s, y) + F.cross_entropy(s.t(), y)) / 2
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        sched.step()
        running += loss.item()
    r = recall(model, en_val, de_val)
    t = recall(model, en[:200], de[:200])
    print(f"[{epoch + 1}] loss {running * args.batch / args.n:.3f} scale {model.log_scale.exp().item():.1f} "
          f"train R@1 {t[0]:.3f} R@5 {t[1]:.3f}   val R@1 {r[0]:.3f} R@5 {r[1]:.3f}")
