#!/usr/bin/env python
"""Star classifier for restaurant reviews (FR). Offline training job of the `avis` service.

Steps: (1) fixture files, (2) read vectors, (3) train, (4) report.
The fixture replaces the S3 download so that the job can be run on a laptop.
"""
import argparse
import json
import random
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

GOOD = """délicieux délicieuse généreux généreuse préféré préférée célèbre raffiné raffinée soigné soignée
excellent épatant créatif créative léger légère agréable fête rêve idéal adoré élégant mérité chaleureux réussi""".split()
BAD = """décevant décevante brûlé brûlée salé salée négligé négligée périmé bâclé bâclée désagréable lamentable gâché
surestimé insipide médiocre énervant dégoûté épouvantable fâché tiède raté séché regretté congelé""".split()
FILLER = """le la les un une des plat menu service serveur table salle vin dessert entrée poisson viande quartier samedi
soir midi nous avons était très assez prix carte café terrasse famille amis cuisine chef pain""".split()


@dataclass
class Config:
    dim: int = 20
    epochs: int = 5
    batch: int = 32
    lr: float = 5e-3
    seed: int = 7
    vectors: str = 'vecteurs.fr.vec'
    reviews: str = 'avis.jsonl'


def fixture(cfg):
    rnd, rng = random.Random(cfg.seed), np.random.default_rng(cfg.seed)
    axis = rng.normal(size=cfg.dim)
    axis *= 2.0 / np.linalg.norm(axis)
    with open(cfg.vectors, 'w', encoding='utf-8') as f:
        for words, sign in ((GOOD, 1), (BAD, -1), (FILLER, 0)):
            for w in words:
                vec = sign * axis + 0.45 * rng.normal(size=cfg.dim)
                f.write(w + ' ' + ' '.join('%.4f' % x for x in vec) + '\n')
    with open(cfg.reviews, 'w', encoding='utf-8') as f:
        for _ in range(2600):
            y = rnd.randrange(2)
            main, other = (GOOD, BAD) if y else (BAD, GOOD)
            toks = rnd.choices(main, k=rnd.choice([1, 2, 2, 3])) + rnd.choices(FILLER, k=rnd.randint(4, 12))
            if rnd.random() < 0.15:
                toks.append(rnd.choice(other))
            rnd.shuffle(toks)
            f.write(json.dumps({'texte': ' '.join(toks), 'positif': y}, ensure_ascii=False) + '\n')


def read_vectors(cfg):
    words, rows = ['<pad>', '<unk>'], [np.zeros(cfg.dim), np.zeros(cfg.dim)]
    # fault:
    with open(cfg.vectors, encoding='latin-1') as f:
    # mended:
    # with open(cfg.vectors, encoding='utf-8') as f:
    # end
        for line in f:
            w, *v = line.rstrip('\n').split(' ')
            words.append(w)
            rows.append(np.array(v, dtype=float))
    return {w: i for i, w in enumerate(words)}, torch.tensor(np.array(rows), dtype=torch.float32)


def read_reviews(cfg, stoi):
    with open(cfg.reviews, encoding='utf-8') as f:
        for obj in map(json.loads, f):
            yield [stoi.get(t, stoi['<unk>']) for t in obj['texte'].split()], obj['positif']


class Pooled(nn.Module):
    """Mean of the known words (frozen vectors), then a small head."""

    def __init__(self, table):
        super().__init__()
        self.register_buffer('table', table)
        self.head = nn.Sequential(nn.Linear(table.size(1), 16), nn.ReLU(), nn.Linear(16, 2))

    def forward(self, ids):
        known = (ids > 1).float()
        return self.head((self.table[ids] * known[..., None]).sum(1) / known.sum(1, keepdim=True).clamp(min=1))


def pad(rows):
    width = max(len(r) for r, _ in rows)
    return torch.tensor([r + [0] * (width - len(r)) for r, _ in rows]), torch.tensor([y for _, y in rows])


def main(cfg):
    torch.manual_seed(cfg.seed)
    fixture(cfg)
    stoi, table = read_vectors(cfg)
    rows = list(read_reviews(cfg, stoi))
    train, test = rows[:2000], rows[2000:]
    net = Pooled(table)
    opt = torch.optim.Adam(net.parameters(), lr=cfg.lr)
    for epoch in range(cfg.epochs):
        net.train()
        total = 0.0
        for sel in torch.randperm(len(train)).split(cfg.batch):
            x, y = pad([train[i] for i in sel.tolist()])
            loss = nn.functional.cross_entropy(net(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(y)
        net.eval()
        with torch.no_grad():
            acc = {k: (net(x).argmax(-1) == y).float().mean().item() for k, (x, y) in (('train', pad(train)), ('test', pad(test)))}
        print(json.dumps({'epoch': epoch, 'loss': round(total / len(train), 4), **{k: round(v, 3) for k, v in acc.items()}}))


if __name__ == '__main__':
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('--epochs', type=int, default=Config.epochs)
    main(Config(epochs=ap.parse_args().epochs))
