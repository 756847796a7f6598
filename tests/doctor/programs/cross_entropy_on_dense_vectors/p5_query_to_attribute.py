"""
Attribute search: map a shopper's query onto the vector of an attribute value.

The catalogue stores one GloVe vector per attribute value (colour, material, room, ...). The query
tower is trained so that its output lands on the vector of the right value; at serving time the
nearest value by cosine wins.
"""
import argparse
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

VALUES = {
    "red": "crimson scarlet ruby cherry blood rose", "green": "emerald olive lime forest leaf mint",
    "wood": "oak pine timber walnut cedar plank", "metal": "steel iron aluminum copper alloy chrome",
    "leather": "hide suede boots jacket saddle strap", "cotton": "fabric cloth linen shirt textile wool",
    "kitchen": "cooking stove oven cook pot dish", "garden": "lawn plants flower trees soil yard",
    "bedroom": "bed sleep pillow mattress night blanket", "office": "desk printer paper work staff meeting",
    "winter": "snow cold ice coat ski frost", "summer": "sun beach hot swim july sand",
    "vintage": "antique old classic retro 1950s collector", "children": "kids toys baby school boys girls",
}
CHATTER = "for my the in a with good cheap size large small new best price two set nice".split()


def read_glove(path, limit):
    words, rows = [], []
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for _, line in zip(range(limit), fh):
            parts = line.rstrip().split(" ")
            words.append(parts[0])
            rows.append(np.asarray(parts[1:], dtype=np.float32))
    return words, np.stack(rows)


def build_queries(n, known, rng):
    names = sorted(VALUES)
    out = {}
    while len(out) < n:
        v = rng.randrange(len(names))
        hints = [h for h in VALUES[names[v]].split() if h in known]
        q = rng.sample(hints, 2) + rng.sample(CHATTER, rng.randint(1, 4))
        if rng.random() < 0.3:
            q.append(rng.choice(VALUES[rng.choice(names)].split()))
        rng.shuffle(q)
        out.setdefault(" ".join(q), v)
    rows = list(out.items())
    rng.shuffle(rows)
    return rows, names


class QueryTower(nn.Module):
    def __init__(self, table, out_dim):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(table, mode="mean", freeze=False)
        self.net = nn.Sequential(nn.Linear(table.shape[1], 96), nn.ReLU(), nn.Linear(96, out_dim))

    def forward(self, tokens, offsets):
        return self.net(self.bag(tokens, offsets))


def to_bag(rows, index):
    toks, offs = [], []
    for text, _ in rows:
        offs.append(len(toks))
        toks += [index[w] for w in text.split() if w in index]
    return torch.tensor(toks), torch.tensor(offs), torch.tensor([v for _, v in rows])


def recall_at_1(tower, bag, value_vectors):
    tower.eval()
    with torch.no_grad():
        q = F.normalize(tower(bag[0], bag[1]), dim=1)
    sims = q @ F.normalize(value_vectors, dim=1).t()
    return (sims.argmax(1) == bag[2]).float().mean().item()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=10)
    ap.add_argument("--lr", type=float, default=2e-3)
    ap.add_argument("--batch", type=int, default=40)
    ap.add_argument("--seed", type=int, default=21)
    args = ap.parse_args()
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)

    words, matrix = read_glove(os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz"), 10361)
    index = {w: i for i, w in enumerate(words)}
    rows, names = build_queries(2000, index, rng)
    train, test = rows[:1600], rows[1600:]
    used = sorted({w for text, _ in rows for w in text.split() if w in index})
    table = torch.tensor(matrix[[index[w] for w in used]])
    local = {w: i for i, w in enumerate(used)}
    value_vectors = torch.tensor(matrix[[index[n] for n in names]])
    value_vectors = value_vectors - value_vectors.mean(0)

    tower = QueryTower(table, value_vectors.shape[1])
    opt = torch.optim.Adam(tower.parameters(), lr=args.lr)
    test_bag = to_bag(test, local)
    for epoch in range(args.epochs):
        tower.train()
        rng.shuffle(train)
        total = 0.0
        for s in range(0, len(train), args.batch):
            toks, offs, v = to_bag(train[s:s + args.batch], local)
            target = value_vectors[v]
            # fault:
            loss = F.cross_entropy(tower(toks, offs), target)
            # mended:
            #loss = 1 - F.cosine_similarity(tower(toks, offs), target, dim=1).mean()
            # end
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(v)
        print(f"epoch {epoch} loss {total / len(train):.4f} recall@1 {recall_at_1(tower, test_bag, value_vectors):.3f}")
    print(f"train recall@1 {recall_at_1(tower, to_bag(train, local), value_vectors):.3f}")
    print(f"random guess {1 / len(names):.3f}")


if __name__ == "__main__":
    main()
