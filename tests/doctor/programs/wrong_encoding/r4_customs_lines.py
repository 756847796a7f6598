# Customs lines from a French broker: guess the tariff section of a declaration line from its words.
# The word vectors were computed once on the broker's archive and are kept in a text file (word v1 ... v32);
# the classifier does not tune them, since the labelled lines cover only a part of the words.
import os
import random
from pathlib import Path

import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(2)
random.seed(2)
torch.manual_seed(2)
DIM = 32

SECTIONS = {
    "aliments": "blé maïs thé café pâte sésame céréales légumes pâté épices câpres bière crème œufs gâteaux fécule purée "
                "pêches mûres sirop farine riz",
    "textiles": "étoffe dentelle soierie étole béret vêtements chaînette tissé brodé écharpe lin mérinos feutré teinté côtelé "
                "doublé coton laine",
    "machines": "pompe génératrice électrique mécanique câble turbine hélice réducteur chaudière échangeur vérin poinçonneuse "
                "contrôleur moteur soupape courroie",
    "chimie": "éthanol acétone acétate sulfate peroxyde méthanol résine époxy phénol benzène détergent éther colorant "
              "polyéthylène kérosène chlore",
    "meubles": "étagère fauteuil chêne hêtre siège élément canapé table lampadaire vitré literie chevet matelas érable "
               "penderie contreplaqué",
}
COMMON = "lot de caisses palette emballé pièces net kg usagé neuf à destination expédié pour carton origine déclaré".split()
NAMES = list(SECTIONS)
WORDS = {n: w.split() for n, w in SECTIONS.items()}


def write_archive_vectors(path):
    """vectors of the archive: words of one section lie around a common direction"""
    rows = []
    for name in NAMES:
        centre = rng.normal(0, 0.45, DIM)
        rows += [(w, centre + rng.normal(0, 0.6, DIM)) for w in WORDS[name]]
    rows += [(w, rng.normal(0, 0.6, DIM)) for w in COMMON]
    rng.shuffle(rows)
    with open(path, "w", encoding="utf-8") as f:
        for w, v in rows:
            f.write(w + " " + " ".join(f"{x:.4f}" for x in v) + "\n")


def write_lines(path, n, usable, skip=()):
    """tab-separated: section, text"""
    done = set(skip)
    with open(path, "w", encoding="utf-8") as f:
        while n:
            name = random.choice(NAMES)
            words = random.choices(usable[name], k=random.randint(1, 3)) + random.choices(COMMON, k=random.randint(2, 5))
            if random.random() < 0.15:
                words.append(random.choice(usable[random.choice(NAMES)]))
            random.shuffle(words)
            text = " ".join(words)
            if text not in done:
                done.add(text)
                f.write(f"{name}\t{text}\n")
                n -= 1
    return done


def read_vectors(path):
    words, vecs = ["<pad>"], [np.zeros(DIM)]
    # fault:
    with open(path, encoding="latin-1") as f:
    # mended:
    #with open(path, encoding="utf-8") as f:
    # end
        for line in f:
            parts = line.rstrip("\n").split(" ")
            words.append(parts[0])
            vecs.append(np.array(parts[1:], dtype=float))
    return {w: i for i, w in enumerate(words)}, torch.tensor(np.stack(vecs), dtype=torch.float32)


def read_lines(path, index):
    rows = []
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        name, text = line.split("\t")
        ids = [index[w] for w in text.split() if w in index]
        rows.append((ids or [0], NAMES.index(name)))
    return rows


def bags(rows):
    flat = torch.tensor([i for ids, _ in rows for i in ids])
    offsets = torch.tensor(np.cumsum([0] + [len(ids) for ids, _ in rows[:-1]]))
    return flat, offsets, torch.tensor([y for _, y in rows])


os.makedirs("broker", exist_ok=True)
write_archive_vectors("broker/archive.vec")
done = write_lines("broker/labelled.tsv", 1500, {n: w[: int(len(w) * 0.8)] for n, w in WORDS.items()})
write_lines("broker/new.tsv", 500, WORDS, skip=done)

index, table = read_vectors("broker/archive.vec")
train, new = read_lines("broker/labelled.tsv", index), read_lines("broker/new.tsv", index)
model = nn.ModuleDict({
    "words": nn.EmbeddingBag.from_pretrained(table, mode="sum", freeze=True, padding_idx=0),
    "head": nn.Sequential(nn.Dropout(0.2), nn.Linear(DIM, 24), nn.ReLU(), nn.Linear(24, len(NAMES))),
})
opt = torch.optim.Adam(model["head"].parameters(), lr=5e-3)


def check(rows):
    model.eval()
    with torch.no_grad():
        flat, offsets, y = bags(rows)
        z = model["head"](model["words"](flat, offsets))
        return nn.functional.cross_entropy(z, y).item(), (z.argmax(1) == y).float().mean().item()


for epoch in range(20):
    model.train()
    random.shuffle(train)
    for k in range(0, len(train), 50):
        flat, offsets, y = bags(train[k:k + 50])
        loss = nn.functional.cross_entropy(model["head"](model["words"](flat, offsets)), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1}: labelled lines %.3f / %.3f   new lines %.3f / %.3f" % (*check(train), *check(new)))
