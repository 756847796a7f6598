"""Product type from listing title, on top of the frozen in-house term vectors.

The vector export is one term per line, most frequent first, spelled as sellers wrote it.
"""
import json
import os
import random

import numpy as np
import torch
from torch import nn

cfg = json.loads('{"dim": 24, "terms_per_type": 110, "types": 7, "batch": 64, "epochs": 12, "lr": 0.01, "seed": 1312}')
EXPORT = "term_vectors.txt"
SYLLABLES = "ba co di fe gu ha jo ka li mo ne pa qui ro sa ti vo wex zu tra plo stin mer gal".split()


def coin_terms(n, rng):
    terms = set()
    while len(terms) < n:
        terms.add("".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 4))))
    terms = sorted(terms)
    rng.shuffle(terms)
    return terms


def export_vectors(path, groups, general, rng):
    """Stand-in for the nightly word2vec job on raw seller titles."""
    gen = np.random.default_rng(cfg["seed"])
    centres = gen.normal(0, 0.55, (len(groups), cfg["dim"]))
    frequent = []
    for c, terms in enumerate(groups):
        frequent += [(t, centres[c] + gen.normal(0, 0.6, cfg["dim"])) for t in terms]
    frequent += [(t, gen.normal(0, 0.6, cfg["dim"])) for t in general]
    rng.shuffle(frequent)
    rare = []
    for term, _ in frequent:
        if rng.random() < 0.9:
            rare.append((term.upper() if rng.random() < 0.5 else term.capitalize(), gen.normal(0, 0.7, cfg["dim"])))
    with open(path, "w", encoding="utf-8") as f:
        for term, v in frequent + rare:
            f.write(term + " " + " ".join(f"{x:.4f}" for x in v) + "\n")


def load_vectors(path):
    vectors = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            term, *values = line.split()
            vec = np.array(values, dtype=np.float32)
            # fault:
            vectors[term.lower()] = vec
            # mended:
            #vectors.setdefault(term.lower(), vec)
            # end
    return vectors


def listings(groups, general, n, rng):
    rows = {}
    while len(rows) < n:
        y = rng.randrange(len(groups))
        words = rng.sample(groups[y], rng.randint(2, 3)) + rng.sample(general, rng.randint(1, 4))
        rng.shuffle(words)
        title = " ".join(w.capitalize() if rng.random() < 0.3 else w for w in words)
        rows.setdefault(title, y)
    return list(rows.items())


class TypeModel(nn.Module):
    def __init__(self, matrix, n_types):
        super().__init__()
        self.terms = nn.EmbeddingBag.from_pretrained(torch.from_numpy(matrix), mode="mean", freeze=True)
        self.norm = nn.LayerNorm(matrix.shape[1])
        self.out = nn.Linear(matrix.shape[1], n_types)

    def forward(self, ids, offsets):
        return self.out(self.norm(self.terms(ids, offsets)))


def macro_recall(pred, y, n):
    return float(np.mean([(pred[y == c] == c).float().mean().item() for c in range(n)]))


def main():
    rng = random.Random(cfg["seed"])
    torch.manual_seed(cfg["seed"])
    per, k = cfg["terms_per_type"], cfg["types"]
    coined = coin_terms(per * k + 120, rng)
    groups = [coined[i * per:(i + 1) * per] for i in range(k)]
    general = coined[per * k:]
    export_vectors(EXPORT, groups, general, rng)
    vectors = load_vectors(EXPORT)

    rows = listings(groups, general, 2000, rng)
    train, dev = rows[:1500], rows[1500:]
    vocab = {t: i for i, t in enumerate(vectors)}
    matrix = np.stack(list(vectors.values()))

    def encode(part):
        ids, offsets = [], []
        for title, _ in part:
            offsets.append(len(ids))
            ids += [vocab[w] for w in title.lower().split() if w in vocab]
        return torch.tensor(ids), torch.tensor(offsets), torch.tensor([y for _, y in part])

    model = TypeModel(matrix, k)
    opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=cfg["lr"])
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(cfg["epochs"]):
        model.train()
        rng.shuffle(train)
        total = 0.0
        for s in range(0, len(train), cfg["batch"]):
            ids, offsets, y = encode(train[s:s + cfg["batch"]])
            loss = loss_fn(model(ids, offsets), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(y)
        if epoch % 2 == 1:
            model.eval()
            with torch.no_grad():
                ids, offsets, y = encode(dev)
                out = model(ids, offsets)
            print(f"epoch {epoch:2d} train {total / len(train):.3f} dev {loss_fn(out, y):.3f} "
                  f"macro recall {macro_recall(out.argmax(1), y, k):.3f}")
    os.remove(EXPORT)


if __name__ == "__main__":
    main()
