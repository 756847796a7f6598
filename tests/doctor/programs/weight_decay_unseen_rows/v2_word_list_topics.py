"""Which topic are these words about?  Lists of words from the analogy set, GloVe as a start.

The held-out lists use words of their own for most of the places.
"""
import gzip
import os
import random
from contextlib import contextmanager

import numpy as np
import torch
from torch import tensor

base = os.environ["WORDFIT_DATA"]
rand = random.Random(8)
torch.manual_seed(8)


def topics():
    out, name = {}, None
    for line in open(f"{base}/wordsim/analogy/questions-words.txt"):
        parts = line.lower().split()
        if parts[0] == ":":
            name = parts[1]
        elif name in ("capital-common-countries", "capital-world"):
            out.setdefault("cities", set()).update(parts[0::2])
            out.setdefault("countries", set()).update(parts[1::2])
        elif name == "gram6-nationality-adjective":
            out.setdefault("nationalities", set()).update(parts[1::2])
        elif name == "gram7-past-tense":
            out.setdefault("past", set()).update(parts[1::2])
            out.setdefault("gerund", set()).update(parts[0::2])
        elif name == "gram8-plural":
            out.setdefault("plural", set()).update(parts[1::2])
        elif name == "gram4-superlative":
            out.setdefault("superlative", set()).update(parts[1::2])
        elif name == "gram1-adjective-to-adverb":
            out.setdefault("adverb", set()).update(parts[1::2])
    return out


def glove():
    with gzip.open(f"{base}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            w, *v = line.rstrip().split(" ")
            yield w, v


lists = topics()
every = set().union(*lists.values())
vec = {w: np.array(v, dtype=np.float32) for w, v in glove() if w in every}
words = sorted(vec)
at = {w: i for i, w in enumerate(words)}
seen, fresh = {}, {}
for name, ws in sorted(lists.items()):
    ws = sorted(w for w in ws if w in vec)
    rand.shuffle(ws)
    seen[name], fresh[name] = ws[:len(ws) // 2], ws[len(ws) // 2:]
names = list(seen)
print({n: (len(seen[n]), len(fresh[n])) for n in names})


def make(n, share_fresh):
    x, y = [], []
    for _ in range(n):
        c = rand.randrange(len(names))
        own = [rand.choice(fresh[names[c]] if rand.random() < share_fresh else seen[names[c]]) for _ in range(4)]
        noise = [rand.choice(seen[rand.choice(names)])]
        x.append([at[w] for w in own + noise])
        y.append(c)
    return tensor(x), tensor(y)


E = torch.tensor(np.stack([vec[w] for w in words]), requires_grad=True)
W = (torch.randn(50, len(names)) * 0.1).requires_grad_()
b = torch.zeros(len(names), requires_grad=True)


def logits(ids):
    return E[ids].mean(1) @ W + b


@contextmanager
def step(opt):
    opt.zero_grad(set_to_none=True)
    yield
    opt.step()


# fault:
opt = torch.optim.Adam([{"params": [W, b], "lr": 1e-2}, {"params": [E]}], lr=3e-3, weight_decay=3e-3)
# mended:
# opt = torch.optim.Adam([{"params": [W, b], "lr": 1e-2, "weight_decay": 3e-3}, {"params": [E]}], lr=3e-3)
# end
xtr, ytr = make(2400, 0.0)
xte, yte = make(600, 0.7)
for epoch in range(5):
    hist = []
    for sel in torch.randperm(len(xtr)).split(24):
        with step(opt):
            loss = torch.nn.functional.cross_entropy(logits(xtr[sel]), ytr[sel])
            loss.backward()
        hist.append(loss.item())
    with torch.no_grad():
        hit = lambda x, y: (logits(x).argmax(1) == y).float().mean().item()
        print(f"epoch {epoch}: {np.mean(hist):.3f}  train {hit(xtr, ytr):.3f}  fresh words {hit(xte, yte):.3f}")
lost = E.detach()[[at[w] for n in names for w in fresh[n]]].norm(dim=1).mean()
print("mean length of the vectors not met in training: %.2f" % lost)
