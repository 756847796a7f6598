"""
Classifies marketplace listings by the phrases the phrase detector found in them. The vectors come as the text
export of the embedding team: public GloVe words, then the phrases of our own catalogue.
"""
import gzip
import logging
import os
import random
import tempfile

import numpy as np
import torch
from torch import nn

logging.basicConfig(format="%(name)s %(message)s", level=logging.INFO)
log = logging.getLogger("listings")
CONFIG = {"dim": 50, "lr": 0.01, "epochs": 8, "batch_size": 48, "seed": 4}

CATALOGUE = {
    "kitchen": ("spoon bowl cooking oven", ["frying pan", "cutting board", "rice cooker", "mixing bowl", "coffee maker", "tea pot",
                "hand mixer", "salad spinner", "wine glass", "bread box", "pressure cooker", "oven glove", "water jug",
                "measuring cup", "chef knife", "paper towel", "dinner plate", "ice tray"]),
    "sports": ("soccer tennis training athletes", ["yoga mat", "running shoes", "boxing bag", "swim cap", "tennis racket", "golf club",
               "ice skates", "hand weights", "water bottle", "base ball", "goal net", "mountain bike", "paper target",
               "jump rope", "dinner jersey", "tea whistle", "bowling pin", "board rider"]),
    "clothes": ("dress shirt wear jacket", ["dinner jacket", "running shorts", "rain coat", "hand bag", "boxing shorts", "swim suit",
                "tea dress", "bow tie", "silk scarf", "golf shirt", "leather belt", "winter boots", "base layer",
                "wine sweater", "mountain hat", "board shorts", "ice vest", "jump suit"]),
}
WORDS = "new used original great black white small large good condition free quick with box from home sale old".split()


def export_vectors(folder, rng):
    """Stands for the embedding team's job: GloVe words plus phrases, one per line, token then values."""
    src = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
    with gzip.open(src, "rt", encoding="utf-8") as fh:
        lines = fh.read().splitlines()[:6000]
    vec = {l.split(" ", 1)[0]: np.array(l.split(" ")[1:], dtype=np.float32) for l in lines}
    path = os.path.join(folder, "catalogue.50d.txt")
    with open(path, "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
        for kind, (near, phrases) in CATALOGUE.items():
            near = [vec[w] for w in near.split() if w in vec]
            for p in phrases:
                v = np.mean(near, 0) + rng.normal(0, 0.25, 50)
                out.write(p + " " + " ".join("%.5f" % x for x in v) + "\n")
    return path


def load_vectors(path, dim):
    table = {}
    with open(path, encoding="utf-8") as fh:
        for line in fh:
            parts = line.rstrip("\n").split(" ")
            # fault:
            word = parts[0]
            # mended:
            # word = " ".join(parts[:-dim])
            # end
            table[word] = np.asarray(parts[-dim:], dtype=np.float32)
    return table


def listings(rng, pools, n):
    kinds = list(pools)
    rows = []
    for _ in range(n):
        y = rng.randrange(len(kinds))
        toks = rng.sample(pools[kinds[y]], rng.randint(1, 2)) + rng.sample(WORDS, rng.randint(2, 4))
        rng.shuffle(toks)
        rows.append((toks, y))
    return rows


class ListingModel(nn.Module):
    def __init__(self, weights, n_classes):
        super().__init__()
        self.vectors = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.att = nn.Linear(weights.size(1), 1)
        self.out = nn.Linear(weights.size(1), n_classes)

    def forward(self, ids):
        e = self.vectors(ids)
        w = self.att(e).squeeze(-1).masked_fill(ids == 0, -1e9).softmax(dim=1)
        return self.out((w.unsqueeze(-1) * e).sum(1))


def main():
    rng, np_rng = random.Random(CONFIG["seed"]), np.random.default_rng(CONFIG["seed"])
    torch.manual_seed(CONFIG["seed"])
    with tempfile.TemporaryDirectory() as folder:
        vectors = load_vectors(export_vectors(folder, np_rng), CONFIG["dim"])
    log.info("%d vectors", len(vectors))
    index = {w: i + 2 for i, w in enumerate(vectors)}
    matrix = np.stack(list(vectors.values()))
    weights = torch.from_numpy(np.vstack([np.zeros_like(matrix[:1]), matrix.mean(0, keepdims=True), matrix]))
    pools = {}
    for kind, (_, ps) in CATALOGUE.items():
        ps = ps[:]
        rng.shuffle(ps)
        pools[kind] = (ps[:12], ps[12:])
    train = listings(rng, {k: v[0] for k, v in pools.items()}, 1200)
    dev = listings(rng, {k: v[1] for k, v in pools.items()}, 400)

    def batch(rows):
        ids = [torch.tensor([index.get(t, 1) for t in toks]) for toks, _ in rows]
        return nn.utils.rnn.pad_sequence(ids, batch_first=True), torch.tensor([y for _, y in rows])

    model = ListingModel(weights, len(CATALOGUE))
    opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=CONFIG["lr"])
    for epoch in range(CONFIG["epochs"]):
        rng.shuffle(train)
        total = 0.0
        for k in range(0, len(train), CONFIG["batch_size"]):
            x, y = batch(train[k:k + CONFIG["batch_size"]])
            loss = nn.functional.cross_entropy(model(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(y)
        with torch.no_grad():
            x, y = batch(dev)
            log.info("epoch %d loss %.3f new phrases %.3f", epoch + 1, total / len(train), (model(x).argmax(1) == y).float().mean())


main()
