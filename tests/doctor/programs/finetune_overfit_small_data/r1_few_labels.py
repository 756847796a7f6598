# Few labels: somebody annotated a handful of word lists from a puzzle book ("what do these have in
# common?"). GloVe should carry us the rest of the way to lists with other words.
import gzip
import os
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(2)
torch.manual_seed(2)
DATA = os.environ["WORDFIT_DATA"]
LABELS = ["places", "qualities", "actions", "people"]
SOURCES = {
    "capital-common-countries": (0, 0), "capital-world": (0, 0), "city-in-state": (0, 0),
    "gram2-opposite": (1, 1), "gram3-comparative": (1, 1), "gram4-superlative": (1, 1),
    "gram5-present-participle": (2, 2), "gram7-past-tense": (2, 2), "gram9-plural-verbs": (2, 2),
    "gram6-nationality-adjective": (0, 3), "family": (3, 3),
}


def word_pools(known):
    found, section = {}, None
    with open(os.path.join(DATA, "wordsim", "analogy", "questions-words.txt"), encoding="utf-8") as fh:
        for line in fh:
            if line.startswith(":"):
                section = line[1:].strip()
            elif section in SOURCES:
                a, b, c, d = line.lower().split()
                left, right = SOURCES[section]
                for w, k in ((a, left), (b, right), (c, left), (d, right)):
                    if w in known:
                        found.setdefault(w, set()).add(k)
    pools = [[] for _ in LABELS]
    for w, ks in sorted(found.items()):
        if len(ks) == 1:
            pools[ks.pop()].append(w)
    return pools


def read_vectors(path):
    words, rows = [], []
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for line in fh:
            head, tail = line.rstrip("\n").split(" ", 1)
            words.append(head)
            rows.append([float(v) for v in tail.split(" ")])
    return {w: i for i, w in enumerate(words)}, torch.tensor(rows)


stoi, vectors = read_vectors(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"))
pools = word_pools(stoi)
for p in pools:
    random.shuffle(p)
noise = list(stoi)[200:3000]


def puzzle(part):
    k = random.randrange(len(LABELS))
    pool = pools[k]
    cut = len(pool) // 3
    words = random.sample(pool[:cut] if part == "labelled" else pool[cut:], 3) + random.sample(noise, 4)
    random.shuffle(words)
    return torch.tensor([stoi[w] for w in words]), k


labelled = [puzzle("labelled") for _ in range(320)]
check = [puzzle("check") for _ in range(600)]


class Averager(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=False)
        # mended:
        #self.emb = nn.Embedding.from_pretrained(vectors, freeze=True)
        # end
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(50, len(LABELS))

    def forward(self, x):
        return self.out(self.drop(self.emb(x).mean(1)))


model = Averager()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-2)
loss_fn = nn.CrossEntropyLoss()
loader = DataLoader(labelled, batch_size=16, shuffle=True)


@torch.no_grad()
def measure(rows):
    model.eval()
    x, y = torch.stack([r[0] for r in rows]), torch.tensor([r[1] for r in rows])
    z = model(x)
    return loss_fn(z, y).item(), (z.argmax(1) == y).float().mean().item()


for epoch in range(1, 17):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss_fn(model(x), y).backward()
        optimizer.step()
    if epoch % 2 == 0:
        a, b = measure(labelled), measure(check)
        print(f"{epoch:3d}  labelled {a[0]:.3f} {a[1]:.3f}   check {b[0]:.3f} {b[1]:.3f}")
