# Topic of a museum record from the concepts that its curators attached to it.
# Concept vectors were trained on the concept co-occurrence graph and stored in GloVe's text format.
import random
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn

SEED, DIM = 17, 32
rng = random.Random(SEED)
npr = np.random.RandomState(SEED)
torch.manual_seed(SEED)

FIRST = ("red black white royal early late northern southern old new high great little golden silver iron "
         "wooden painted carved blue green sea river mountain winter summer").split()
TOPICS = {
    "zoology": "fox bear owl beetle whale falcon lizard salmon heron otter".split(),
    "warfare": "sword shield cannon helmet banner musket armour spear fort siege".split(),
    "music": "drum flute harp lute horn fiddle organ bell choir song".split(),
    "travel": "ship road bridge coach harbour lantern map train inn wagon".split(),
    "clothing": "coat cloak gown boot glove hat shawl ribbon lace belt".split(),
    "cooking": "kettle oven spoon bread jar goblet plate mill cheese spice".split(),
}
FILE = Path("concepts.32d.txt")


def write_concept_vectors():
    """one line for each concept: name, then the values; a few concepts are single words, most are two or three"""
    entries, members = {}, {}
    for topic, heads in TOPICS.items():
        centre = npr.randn(DIM) * 0.5
        names = []
        for h in heads:
            names.append(h)
            names += [f"{m} {h}" for m in rng.sample(FIRST, 7)]
        for n in names:
            entries[n] = centre + npr.randn(DIM) * 0.6
        members[topic] = names
    for m in FIRST:
        entries[m] = npr.randn(DIM) * 0.6
    order = list(entries)
    rng.shuffle(order)
    FILE.write_text("\n".join(n + " " + " ".join(f"{v:.4f}" for v in entries[n]) for n in order) + "\n")
    return members


def load_vectors(path, dim):
    table = {}
    for line in path.open(encoding="utf-8"):
        parts = line.rstrip().split(" ")
        # fault:
        name = parts[0]
        # mended:
        #name = " ".join(parts[:-dim])
        # end
        table[name] = [float(v) for v in parts[-dim:]]
    return table


def records(members, n):
    topics = list(members)
    everything = [c for names in members.values() for c in names] + FIRST
    for _ in range(n):
        k = rng.randrange(len(topics))
        size = rng.randint(3, 7)
        yield [rng.choice(members[topics[k]]) if rng.random() < 0.6 else rng.choice(everything) for _ in range(size)], k


members = write_concept_vectors()
vectors = load_vectors(FILE, DIM)
stoi = {"<pad>": 0, "<unk>": 1}
for name in vectors:
    stoi[name] = len(stoi)
weight = torch.zeros(len(stoi), DIM)
for name, v in vectors.items():
    weight[stoi[name]] = torch.tensor(v)


def tensorise(rows):
    width = max(len(c) for c, _ in rows)
    x = torch.zeros(len(rows), width, dtype=torch.long)
    for i, (concepts, _) in enumerate(rows):
        x[i, :len(concepts)] = torch.tensor([stoi.get(c, 1) for c in concepts])
    return x, torch.tensor([k for _, k in rows])


unique = {}
for concepts, k in records(members, 3400):
    unique.setdefault(tuple(sorted(concepts)), (concepts, k))
rows = list(unique.values())
x_train, y_train = tensorise(rows[:2400])
x_test, y_test = tensorise(rows[2400:])

embedding = nn.Embedding.from_pretrained(weight, padding_idx=0)
head = nn.Sequential(nn.Linear(DIM, 32), nn.GELU(), nn.Dropout(0.2), nn.Linear(32, len(TOPICS)))
optimiser = torch.optim.AdamW(head.parameters(), lr=4e-3)


def forward(x):
    keep = (x != 0).unsqueeze(-1)
    return head((embedding(x) * keep).sum(1) / keep.sum(1))


for epoch in range(8):
    head.train()
    for rows_ in torch.randperm(len(x_train)).split(50):
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(forward(x_train[rows_]), y_train[rows_])
        loss.backward()
        optimiser.step()
    head.eval()
    with torch.no_grad():
        tr = (forward(x_train).argmax(1) == y_train).float().mean()
        out = forward(x_test)
        acc = (out.argmax(1) == y_test).float().mean()
        tl = nn.functional.cross_entropy(out, y_test)
    print(f"epoch {epoch}: train acc {tr:.3f}  test acc {acc:.3f}  test loss {tl:.3f}")
FILE.unlink()
print("chance", round(1 / len(TOPICS), 3))
