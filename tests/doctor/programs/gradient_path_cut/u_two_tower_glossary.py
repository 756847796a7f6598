"""Two-tower retrieval between a made-up language and its glosses. In-batch softmax, recall@1 over the held-out set."""
import argparse
import itertools
import random
from typing import List

import numpy as np
import torch
import torch.nn as nn
from sklearn.preprocessing import normalize


def build(n_rows: int, rnd: random.Random):
    syll = ["ka", "to", "mi", "ru", "se", "no", "li", "pa", "ve", "du"]
    left = ["".join(p) for p in itertools.product(syll, repeat=2)]
    right = ["gloss%02d" % i for i in range(len(left))]
    rnd.shuffle(right)
    table = dict(zip(left, right))
    rows, used = [], set()
    while len(rows) < n_rows:
        a = tuple(rnd.sample(left, rnd.randint(4, 8)))
        if a in used:
            continue
        used.add(a)
        b = [table[w] for w in a if rnd.random() > 0.1]
        rnd.shuffle(b)
        rows.append((list(a), b + rnd.sample(["the", "of", "to", "is"], 2)))
    return rows


class Tower(nn.Module):
    def __init__(self, vocab: List[str], dim: int, out: int):
        super().__init__()
        self.index = {w: i for i, w in enumerate(vocab)}
        self.bag = nn.EmbeddingBag(len(vocab), dim, mode="mean")
        self.proj = nn.Linear(dim, out, bias=False)

    def forward(self, texts):
        flat = torch.tensor([self.index[w] for t in texts for w in t])
        offsets = torch.tensor([0] + [len(t) for t in texts[:-1]]).cumsum(0)
        v = self.bag(flat, offsets)
        # fault:
        v = torch.from_numpy(normalize(v.detach().numpy()))
        # mended:
        # v = v / v.norm(dim=1, keepdim=True).clamp(min=1e-8)
        # end
        return self.proj(v)


def recall_at_1(a, b):
    ranks = (a @ b.T).numpy()
    return float((ranks.argmax(1) == np.arange(len(ranks))).mean())


def main(args):
    rnd = random.Random(args.seed)
    torch.manual_seed(args.seed)
    rows = build(args.rows, rnd)
    held, train = rows[:400], rows[400:]
    lv = sorted({w for a, _ in rows for w in a})
    rv = sorted({w for _, b in rows for w in b})
    src, tgt = Tower(lv, args.dim, args.out), Tower(rv, args.dim, args.out)
    params = list(src.parameters()) + list(tgt.parameters())
    optim = torch.optim.AdamW(params, lr=args.lr, weight_decay=1e-4)
    ce = nn.CrossEntropyLoss()
    for ep in range(args.epochs):
        rnd.shuffle(train)
        total = n = 0
        for i in range(0, len(train) - args.batch + 1, args.batch):
            part = train[i:i + args.batch]
            sim = src([p[0] for p in part]) @ tgt([p[1] for p in part]).T * args.scale
            y = torch.arange(len(part))
            loss = (ce(sim, y) + ce(sim.T, y)) / 2
            optim.zero_grad()
            loss.backward()
            optim.step()
            total += loss.item(); n += 1
        with torch.no_grad():
            r = recall_at_1(src([p[0] for p in held]), tgt([p[1] for p in held]))
        print(f"epoch {ep}: loss {total / n:.3f}  held-out recall@1 of 400: {r:.3f}")
    with torch.no_grad():
        part = train[:400]
        print(f"train recall@1 of 400: {recall_at_1(src([p[0] for p in part]), tgt([p[1] for p in part])):.3f}")


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--rows", type=int, default=3400)
    ap.add_argument("--dim", type=int, default=24)
    ap.add_argument("--out", type=int, default=24)
    ap.add_argument("--batch", type=int, default=64)
    ap.add_argument("--epochs", type=int, default=5)
    ap.add_argument("--scale", type=float, default=4.0)
    ap.add_argument("--lr", type=float, default=1e-2)
    ap.add_argument("--seed", type=int, default=11)
    main(ap.parse_args([]))
