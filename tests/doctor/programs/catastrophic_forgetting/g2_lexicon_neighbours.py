# Sort short notes into five themes. The notes of the shop that will use this contain theme words
# that no training note has, so the word vectors have to carry them.
import gzip
import os
import random

import numpy as np
import torch

random.seed(4)
torch.manual_seed(4)

SEEDS = {"music": ["guitar", "song", "album"], "health": ["hospital", "doctor", "disease"],
         "war": ["troops", "soldiers", "army"], "money": ["bank", "investment", "shares"],
         "sport": ["tournament", "championship", "cup"]}
FILLER = "the of a and in that it was for with on as his they this had about were".split()


class Vectors:
    def __init__(self, path):
        words, rows = [], []
        with gzip.open(path, "rt", encoding="utf-8") as fh:
            for line in fh:
                w, *nums = line.split()
                words.append(w)
                rows.append(np.array(nums, dtype=np.float32))
        self.words, self.mat = words, torch.from_numpy(np.stack(rows))
        self.id = {w: i for i, w in enumerate(words)}
        self.unit = self.mat / self.mat.norm(dim=1, keepdim=True)

    def theme_words(self, seeds, k):
        c = self.unit[[self.id[s] for s in seeds]].mean(0)
        return (self.unit @ c).topk(k).indices.tolist()


vec = Vectors(os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz"))
groups = [vec.theme_words(s, 200) for s in SEEDS.values()]
owner = {}
for y, g in enumerate(groups):
    for w in g:
        owner.setdefault(w, []).append(y)
groups = [[w for w in g if len(owner[w]) == 1] for g in groups]
for g in groups:
    random.shuffle(g)
known = [g[: len(g) // 2] for g in groups]
fresh = [g[len(g) // 2:] for g in groups]
filler = [vec.id[w] for w in FILLER]


def note(pool):
    y = random.randrange(len(pool))
    ids = random.choices(pool[y], k=1) + random.choices(filler, k=4)
    random.shuffle(ids)
    return ids, y


def dataset(pool, n):
    xs, ys = zip(*(note(pool) for _ in range(n)))
    return torch.tensor(xs), torch.tensor(ys)


Xa, ya = dataset(known, 2400)
Xb, yb = dataset(fresh, 600)
print("words per theme:", [len(g) for g in groups])

E = vec.mat.clone().requires_grad_()
W = (torch.randn(50, len(groups)) * 0.1).requires_grad_()
b = torch.zeros(len(groups), requires_grad=True)
# fault:
opt = torch.optim.Adam([{"params": [E], "lr": 1e-1}, {"params": [W, b], "lr": 1e-3}])
# mended:
# E.requires_grad_(False)
# opt = torch.optim.Adam([W, b], lr=2e-2)
# end


def logits(x):
    return E[x].mean(1) @ W + b


def acc(x, y):
    with torch.no_grad():
        return (logits(x).argmax(1) == y).float().mean().item()


for epoch in range(8):
    s = 0.0
    for rows in torch.randperm(len(Xa)).split(48):
        loss = torch.nn.functional.cross_entropy(logits(Xa[rows]), ya[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item() * len(rows)
    print(f"epoch {epoch}: loss {s / len(Xa):.3f}  train {acc(Xa, ya):.3f}  notes with new words {acc(Xb, yb):.3f}")
