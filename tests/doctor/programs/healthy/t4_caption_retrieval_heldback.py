"""Cross-lingual caption retrieval (Multi30k en-de): two bag-of-words towers, in-batch softmax, recall@k and median rank."""
import gzip
import os
import re
from collections import Counter
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F

FOLDER = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


@dataclass
class Args:
    n_train: int = 12000
    n_test: int = 500
    min_count: int = 4
    width: int = 20
    dim: int = 64
    temperature: float = 0.07
    word_drop: float = 0.2
    lr: float = 0.01
    batch: int = 200
    epochs: int = 5


def lines(name, n):
    with gzip.open(os.path.join(FOLDER, name), "rt", encoding="utf8") as f:
        return [re.findall(r"\w+", next(f).lower()) for _ in range(n)]


def build_vocab(texts, min_count):
    counts = Counter(w for t in texts for w in t)
    return {w: i + 2 for i, (w, n) in enumerate(counts.most_common()) if n >= min_count}


def encode(texts, vocab, width):
    rows = [[vocab.get(w, 1) for w in t][:width] for t in texts]
    return torch.tensor([r + [0] * (width - len(r)) for r in rows])


class Tower(nn.Module):
    """Weighted bag of words: every word has a vector and a salience."""

    def __init__(self, n_words, a):
        super().__init__()
        self.vec = nn.Embedding(n_words, a.dim, padding_idx=0)
        self.salience = nn.Embedding(n_words, 1)
        nn.init.zeros_(self.salience.weight)
        self.drop = a.word_drop

    def forward(self, x):
        off = x == 0
        if self.training:
            hide = (torch.rand(x.shape) < self.drop) & ~off
            hide[:, 0] = False
            off = off | hide
        w = self.salience(x).squeeze(-1).masked_fill(off, -1e9).softmax(1)
        return F.normalize((w.unsqueeze(-1) * self.vec(x)).sum(1), dim=-1)


def ranks(sim):
    gold = sim.diag().unsqueeze(1)
    return (sim > gold).sum(1) + 1


def main(a):
    torch.manual_seed(2)
    en, de = lines("train.en.gz", a.n_train), lines("train.de.gz", a.n_train)
    test_en, test_de = lines("test_2016_flickr.en.gz", a.n_test), lines("test_2016_flickr.de.gz", a.n_test)
    known = {tuple(t) for t in en}
    fresh = [i for i, t in enumerate(test_en) if tuple(t) not in known]
    ven, vde = build_vocab(en, a.min_count), build_vocab(de, a.min_count)
    x, y = encode(en, ven, a.width), encode(de, vde, a.width)
    xt, yt = encode(test_en, ven, a.width)[fresh], encode(test_de, vde, a.width)[fresh]
    left, right = Tower(len(ven) + 2, a), Tower(len(vde) + 2, a)
    params = [*left.parameters(), *right.parameters()]
    opt = torch.optim.Adam(params, lr=a.lr)
    sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=a.epochs)
    print(f"{len(x)} pairs, {len(xt)} test captions, {len(ven)} / {len(vde)} words")
    for epoch in range(1, a.epochs + 1):
        left.train(), right.train()
        total = 0.0
        for idx in torch.randperm(len(x)).split(a.batch):
            sim = left(x[idx]) @ right(y[idx]).T / a.temperature
            gold = torch.arange(len(idx))
            loss = 0.5 * (F.cross_entropy(sim, gold) + F.cross_entropy(sim.T, gold))
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        sched.step()
        left.eval(), right.eval()
        with torch.no_grad():
            r = ranks(left(xt) @ right(yt).T)
        print(f"epoch {epoch} loss {total / len(x):.3f}  R@1 {(r == 1).float().mean():.3f}  R@5 {(r <= 5).float().mean():.3f}"
              f"  R@10 {(r <= 10).float().mean():.3f}  median rank {r.median().item()}")


if __name__ == "__main__":
    main(Args())
