"""Bitext mining on Multi30k: two towers (English / German), symmetric InfoNCE with in-batch negatives.

Eval: for each English validation caption, find its German translation among all 1014 captions.
"""
import collections
import gzip
import math
import os
import re
import time

import torch
from torch import nn
import torch.nn.functional as F


def read(split, lang, n=None):
    path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k", f"{split}.{lang}.gz")
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        lines = fh.read().splitlines()
    return [re.findall(r"\w+", l.lower()) for l in lines[:n]]


def pieces(word):
    # the word itself and its first five letters: poor man's stemmer, good for German compounds
    return (word, word[:5] + "~") if len(word) > 5 else (word,)


class Vocab:
    def __init__(self, sents, min_count=3):
        c = collections.Counter(p for s in sents for w in s for p in pieces(w))
        self.idx = {p: i for i, (p, n) in enumerate(c.most_common()) if n >= min_count}

    def encode(self, sents):
        out = []
        for s in sents:
            ids = [self.idx[p] for w in s for p in pieces(w) if p in self.idx]
            out.append(torch.tensor(ids))
        return out


class Tower(nn.Module):
    def __init__(self, size, dim):
        super().__init__()
        self.bag = nn.EmbeddingBag(size, dim, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.1)

    def forward(self, sents):
        offsets = torch.tensor([0] + [len(s) for s in sents[:-1]]).cumsum(0)
        return F.normalize(self.bag(torch.cat(sents), offsets), dim=-1)


class DualEncoder(nn.Module):
    def __init__(self, n_en, n_de, dim=64):
        super().__init__()
        self.en, self.de = Tower(n_en, dim), Tower(n_de, dim)
        self.log_scale = nn.Parameter(torch.tensor(math.log(10.0)))

    def forward(self, a, b):
        return self.log_scale.exp() * self.en(a) @ self.de(b).t()


@torch.no_grad()
def recall_at_1(model, a, b):
    s = model.en(a) @ model.de(b).t()
    return (s.argmax(1) == torch.arange(len(a))).float().mean().item()


def main():
    torch.manual_seed(0)
    n = 8000
    en, de = read("train", "en", n), read("train", "de", n)
    ven, vde = Vocab(en), Vocab(de)
    a, b = ven.encode(en), vde.encode(de)
    va, vb = ven.encode(read("val", "en")), vde.encode(read("val", "de"))
    print("pieces:", len(ven.idx), "en", len(vde.idx), "de")

    model = DualEncoder(len(ven.idx), len(vde.idx))
    epochs, bs = 3, 200
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs * (n // bs))
    t0 = time.process_time()
    for epoch in range(epochs):
        tot, perm = 0.0, torch.randperm(n).tolist()
        for k in range(n // bs):
            idx = perm[k * bs:(k + 1) * bs]
            sim = model([a[i] for i in idx], [b[i] for i in idx])
            gold = torch.arange(bs)
            loss = 0.5 * (F.cross_entropy(sim, gold) + F.cross_entropy(sim.t(), gold))
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            sched.step()
            model.log_scale.data.clamp_(max=math.log(100))
            tot += loss.item()
        print(f"[{epoch}] InfoNCE {tot / (n // bs):.4f}  R@1 val {recall_at_1(model, va, vb):.3f} "
              f"train(1014) {recall_at_1(model, a[:1014], b[:1014]):.3f}  scale {model.log_scale.exp().item():.1f}  "
              f"{time.process_time() - t0:.1f}s")


if __name__ == "__main__":
    main()
