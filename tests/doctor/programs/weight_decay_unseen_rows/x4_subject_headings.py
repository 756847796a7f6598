#!/usr/bin/env python
"""Assign a shelf (8 subjects) to books from their catalogue descriptors.

Descriptor vectors come from the union catalogue (here: simulated).  Our own shelf marks only cover books
catalogued with the older part of the thesaurus; the new acquisitions use the newer descriptors.
"""
import random

import numpy as np
import torch
from torch import nn

random.seed(11); rng = np.random.default_rng(11); torch.manual_seed(11)

SUBJECTS = ["botany", "law", "music", "rail", "theology", "maps", "medicine", "drama"]
N_DESC, WIDTH = 1600, 20

# --- union catalogue vectors -------------------------------------------------------------------
home = rng.integers(0, len(SUBJECTS), N_DESC)               # subject in which a descriptor is at home
centres = rng.normal(0, 0.3, (len(SUBJECTS), WIDTH))
vectors = (centres[home] + rng.normal(0, 0.22, (N_DESC, WIDTH))).astype("float32")
is_new = rng.random(N_DESC) < 0.4                           # added to the thesaurus after 2015


def make_books(n, new):
    pools = [np.flatnonzero((home == s) & (is_new == new)) for s in range(len(SUBJECTS))]
    anything = np.flatnonzero(~is_new)                      # passing mentions use the familiar descriptors
    books = []
    for _ in range(n):
        s = random.randrange(len(SUBJECTS))
        k = random.randint(5, 9)
        ds = [int(rng.choice(pools[s])) if random.random() < .6 else int(rng.choice(anything)) for _ in range(k)]
        books.append((ds, s))
    return books


def pack(books):
    flat = torch.tensor([d for ds, _ in books for d in ds])
    starts = torch.tensor([0] + [len(ds) for ds, _ in books[:-1]]).cumsum(0)
    return flat, starts, torch.tensor([s for _, s in books])


catalogued = make_books(2400, new=False)
check_old = pack(make_books(500, new=False))
acquisitions = pack(make_books(800, new=True))


class Shelver(nn.Module):
    def __init__(self, vec):
        super().__init__()
        self.desc = nn.EmbeddingBag.from_pretrained(torch.from_numpy(vec), freeze=False, mode="mean")
        self.shelf = nn.Linear(vec.shape[1], len(SUBJECTS))

    def forward(self, flat, starts):
        return self.shelf(self.desc(flat, starts))


model = Shelver(vectors)
# fault:
optimizer = torch.optim.Adam([{"params": model.desc.parameters(), "lr": 1e-3},
                              {"params": model.shelf.parameters(), "lr": 1e-2}], weight_decay=1e-3)
# mended:
# optimizer = torch.optim.Adam([{"params": model.desc.parameters(), "lr": 1e-3, "weight_decay": 0.0},
#                               {"params": model.shelf.parameters(), "lr": 1e-2}], weight_decay=1e-3)
# end
criterion = nn.CrossEntropyLoss()


def accuracy(packed):
    model.eval()
    with torch.no_grad():
        hit = model(packed[0], packed[1]).argmax(1) == packed[2]
    model.train()
    return hit.float().mean().item()


for epoch in range(7):
    random.shuffle(catalogued)
    running = 0.0
    for i in range(0, len(catalogued), 24):
        flat, starts, shelf = pack(catalogued[i:i + 24])
        optimizer.zero_grad()
        loss = criterion(model(flat, starts), shelf)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(shelf)
    print(f"pass {epoch + 1}: loss {running / len(catalogued):.3f}  old-thesaurus books {accuracy(check_old):.3f}")

print(f"new acquisitions shelved correctly: {accuracy(acquisitions):.3f} (guessing: {1 / len(SUBJECTS):.3f})")
